"""What a newsletter holds for its subscriber alone, and must not be published: ways to unsubscribe, and the address.

The rule stands in docs/sources.md. This module must not know whether a text is HTML.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from w3lib.url import url_query_cleaner

__all__ = ["EMAIL", "MASK", "Private", "says_unsubscribe"]

_WORDS = re.compile(
    r"unsubscri|un-subscri|\bopt[ -]?out\b|stop receiving|no longer (?:wish|want)|remove (?:me|yourself)|safe ?unsub"
    r"|(?:manage|update|change|edit|set)\W{1,3}(?:(?:your|my|the|e-?mail|mail|newsletter|notification)\W{1,3}){0,3}"
    r"(?:preferences|subscriptions?|settings|profile)"
    r"|(?:e-?mail|subscription|notification|newsletter|communication) (?:preferences|settings)"
    r"|(?:berhenti|batal(?:kan)?|stop|akhiri|hentikan|kelola|ubah|atur) (?:(?:ber)?langganan|preferensi)"
    r"|berhenti menerima|nyahlanggan|preferensi (?:e-?mail|surel)"
    r"|d[ée]sabonn|d[ée]sinscri|abbestell|abmeld|austragen|darse de baja|dar de baja|cancelar (?:la |a )?suscripci"
    r"|cancelar (?:a )?(?:inscri|assinatura)|descadastr|disiscri|annulla(?:re)? l.iscrizione|uitschrij|afmeld"
    r"|avregistrer|avprenumerer|avsluta prenum|peruuta tilaus|отпис|відпис|wypisz|zrezygnuj|odhl[aá]s"
    r"|配信停止|配信解除|購読解除|登録解除|退订|退訂|取消订阅|取消訂閱|수신거부|구독 ?취소|ยกเลิก|إلغاء الاشتراك",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"unsub|opt-?_?out|remove-?me|list-manage\.com/(?:profile|about)|(?:manage|update|edit|email|mail|subscri\w*)[-_/]?"
    r"(?:preferences|subscriptions?|profile|settings)|preference-?cent|berhenti-?(?:ber)?langganan|desabon|abmeld",
    re.IGNORECASE,
)
# Parameters that name a subscriber to the one who counts, on links to pages that are the same for everybody.
_SUBSCRIBER = (
    "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__s", "_kx", "ck_subscriber_id", "vero_id", "oly_enc_id", "oly_anon_id",
    "sc_eid", "bbeml", "rb_clickid", "subscriber_id", "subscriber", "trk_contact", "ss_email_id", "bsft_uid",
    "bsft_clkid", "bsft_eid", "mailid", "elqtrackid", "elqtrack", "ml_subscriber", "ml_subscriber_hash", "sfmc_id",
    "sfmc_sub", "ct_email", "email", "e-mail", "et_rid", "user_email", "recipient",
)  # fmt: skip
_MAILCHIMP = re.compile(r"(?i)https?://(?:[\w-]+\.)?(?:mailchi\.mp|campaign-archive\d?\.com)/")
_LONGEST_LINE = 400  # characters; a longer one is a text that happens to mention it
_LONGEST_ALONE = 60
EMAIL = re.compile(r"[^\s<>@,;:?=&\"()]{1,64}@[^\s<>@,;:?=&\"()]{1,250}")
MASK = "…"


def says_unsubscribe(text: str) -> bool:
    """Return whether `text` is about ending or changing a subscription, in one of the larger languages."""
    return _WORDS.search(text) is not None


class Private:
    """What is private in one message.

    `recipients` are the fields that name whom it was sent to, `known` addresses that are everybody's business (the
    sender's, the list's), `ways_out` the addresses in List-Unsubscribe (RFC 2369, RFC 8058).
    """

    def __init__(self, recipients: Iterable[str], known: Iterable[str], ways_out: Iterable[str]) -> None:
        public = {address.lower() for text in known for address in EMAIL.findall(text)}
        mine = {address.lower() for text in recipients for address in EMAIL.findall(text[:2000])} - public
        self._mine = sorted(mine, key=lambda address: (-len(address), address))[:20]
        self._coded = [b64encode(address.encode()).decode().rstrip("=")[:-1] for address in self._mine]
        self._ways_out = frozenset(ways_out)
        boxes = {box.lower() for url in self._ways_out if url.startswith("mailto:") for box in EMAIL.findall(url)}
        masked = [*self._mine, *sorted(boxes, key=len, reverse=True)]
        self._masked = re.compile("|".join(map(re.escape, masked)), re.IGNORECASE) if masked else None

    def is_private(self, url: str) -> bool:
        """Return whether an address is the subscriber's alone, as far as it shows."""
        if url in self._ways_out or _ADDRESS.search(url):
            return True
        readable = unquote(url).lower()
        return any(address in readable for address in self._mine) or any(coded in url for coded in self._coded)

    def lines(self, lines: Sequence[str], linked: Sequence[bool]) -> set[int]:
        """Return the numbers of the lines whose links lead to unsubscribing; `linked` tells which lines have links.

        Where such a line has none, the link may stand on the next line, alone.
        """
        found: set[int] = set()
        for number, line in enumerate(lines):
            if not linked[number] and not line.strip():
                continue
            if len(line) > _LONGEST_LINE or not says_unsubscribe(line):
                continue
            if linked[number]:
                found.add(number)
                continue
            following = next((n for n in range(number + 1, min(number + 4, len(lines))) if lines[n].strip()), None)
            if following is not None and linked[following] and len(lines[following]) <= _LONGEST_ALONE:
                found.add(following)
        return found

    def masked(self, text: str) -> str:
        """Return `text` without the subscriber's address."""
        return self._masked.sub(MASK, text) if self._masked else text

    def without_subscriber(self, url: str) -> str:
        """Return an address without the parameters that tell who followed it."""
        if "?" not in url:
            return url
        names = (*_SUBSCRIBER, "e") if _MAILCHIMP.match(url) else _SUBSCRIBER
        present = {part.partition("=")[0] for part in re.split(r"[?&;]", url.partition("#")[0])[1:]}
        unwanted = [name for name in present if name.lower() in names]
        if not unwanted:
            return url
        return url_query_cleaner(url, unwanted, remove=True, unique=False, keep_fragments=True)
