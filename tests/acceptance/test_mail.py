"""The examples of docs/sources.md for newsletters, run as a user runs them: a Maildir, and a real IMAP server."""

from __future__ import annotations

import mailbox
import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailserver import PASSWORD, mailserver
from sites import Site

ROOT = Path(__file__).parents[2]
ATOM = "newsletters/atom.xml"
PEM = ROOT / "tests" / "integration" / "localhost.pem"


def letter(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Kabar Mingguan <kabar@example.org>"
    message["To"] = "subscriber@reader.example"
    message["Subject"] = f"Edisi {number}"
    message["Date"] = f"Sun, {number:02d} Nov 2026 07:00:00 +0700"
    message["Message-ID"] = f"<{number}@example.org>"
    message["List-Id"] = "Kabar Mingguan <kabar.example.org>"
    message.set_content("Words.")
    message.add_alternative(
        f'<p><a href="https://example.org/edisi/{number}">Lihat di peramban</a></p><p>Isi <b>{number}</b>.</p>'
        '<p><a href="https://t.example/u/1">Berhenti berlangganan</a></p>',
        subtype="html",
    )
    message.add_attachment(b"x" * 2000, maintype="application", subtype="pdf", filename="laporan.pdf")
    return message


def example(*words: str) -> str:
    """The block of docs/sources.md that holds all of `words`."""
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    (block,) = [b for b in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if all(word in b for word in words)]
    return f"\n{block}"


def test_the_documented_example_publishes_a_maildir(site: Site) -> None:
    site.config = example('kind = "mail"', "mail/newsletters")
    (site.root / "mail").mkdir()
    box = mailbox.Maildir(site.root / "mail" / "newsletters")
    keys = [box.add(letter(1)), box.add(letter(2))]
    ran = site.publish()
    assert ran.code == 0, ran.err
    assert site.titles(ATOM) == ["Edisi 2", "Edisi 1"]
    assert site.ids(ATOM)["Edisi 1"] == "mid:1@example.org"
    entry = site.read(ATOM).entries[0]
    assert entry.link == "https://example.org/edisi/2"
    assert entry.author == "Kabar Mingguan"
    assert "Isi <b>2</b>." in entry.content[0].value
    assert "laporan.pdf (2 kB)" in entry.content[0].value
    published = "".join(path.read_text() for path in site.files().values())
    assert "t.example" not in published
    assert "subscriber@" not in published

    before = site.digests()
    box.remove(keys[0])
    assert site.publish().source("newsletters")["withdrawn"] == 0
    assert site.digests() == before, "a message that was tidied away was not withdrawn"
    box.add(letter(3))
    assert site.publish().source("newsletters")["new"] == 1
    assert site.titles(ATOM) == ["Edisi 3", "Edisi 2", "Edisi 1"]
    assert site.run("check").code == 0


def test_an_mbox_and_a_folder_of_messages(site: Site) -> None:
    box = mailbox.mbox(site.root / "archive.mbox")
    box.add(letter(1))
    box.close()
    (site.root / "saved").mkdir()
    (site.root / "saved" / "two.eml").write_bytes(bytes(letter(2)))
    (site.root / "saved" / "broken.eml").write_bytes(b"\xff\x00Content-Type: multipart/mixed\n\n--")
    for path in ("archive.mbox", "saved"):
        name = path.partition(".")[0]
        site.config += f'\n[[sources]]\nname = "{name}"\nkind = "mail"\npath = "{path}"\n'
    site.feed()
    site.publish()
    assert {"Edisi 1", "Edisi 2"} <= set(site.titles())


@pytest.mark.needs("dovecot")
def test_the_documented_example_publishes_an_imap_folder(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with mailserver(PEM) as server:
        server.create("Newsletters")
        server.deliver(bytes(letter(1)), folder="Newsletters")
        shown = re.sub(r'"imaps://[^"]*"', f'"{server.url("Newsletters", tls=True)}"', example("imaps://"))
        site.config = site.config.replace('"127.0.0.1"', '"127.0.0.1", "localhost"') + shown
        site.feed()
        ran = site.publish()
        assert ran.code != 0
        assert "the environment variable NEWSLETTERS_PASSWORD is not set" in ran.source("inbox")["error"]

        monkeypatch.setenv("NEWSLETTERS_PASSWORD", "not this one")
        monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
        ran = site.publish("-v")
        assert "with the password in NEWSLETTERS_PASSWORD" in ran.source("inbox")["error"]
        assert "not this one" not in ran.out + ran.err

        monkeypatch.setenv("NEWSLETTERS_PASSWORD", PASSWORD)
        ran = site.publish("-v")
        assert ran.source("inbox")["new"] == 1, ran.err
        assert "staple" not in ran.out + ran.err
        assert PASSWORD not in (site.root / ".feedmill" / "state.sqlite3").read_bytes().decode(errors="replace")
        assert site.publish().source("inbox")["status"] == "unchanged"
        server.deliver(bytes(letter(2)), folder="Newsletters")
        assert site.publish().source("inbox")["new"] == 1
        assert site.titles() == ["Edisi 2", "Edisi 1"]
        assert not any("S" in flags for flags in server.flags("Newsletters")), "nothing was marked as seen"


def test_attached_files_become_enclosures_where_a_folder_is_named_for_them(site: Site) -> None:
    site.config += example('kind = "mail"', "attachments =") + '\n[[feeds]]\nname = "all"\ntitle = "All"\n'
    (site.root / "mail").mkdir()
    box = mailbox.Maildir(site.root / "mail" / "minutes")
    message = letter(1)
    message.add_attachment("<script>alert(1)</script>", subtype="html", filename="../../evil.html")
    message.add_attachment(b"x" * 2000, maintype="application", subtype="octet-stream", filename="again.PDF")
    box.add(message)
    site.publish("--dry-run")
    assert not (site.root / "attached").exists()
    assert site.publish().code == 0
    (file,) = (site.root / "attached").iterdir()
    assert file.read_bytes() == b"x" * 2000
    assert file.suffix == ".pdf"
    (entry,) = site.read("all/atom.xml").entries
    found = {(one.href, one.type, one.length) for one in entry.enclosures}
    assert found == {(f"https://example.org/attached/{file.name}", "application/pdf", "2000")}
    assert "evil.html" in entry.content[0].value
    (rss,) = site.read("all/rss.xml").entries
    assert [one.href for one in rss.enclosures] == [f"https://example.org/attached/{file.name}"]
    before = file.stat().st_mtime_ns
    site.publish()
    assert file.stat().st_mtime_ns == before


def test_a_folder_for_attached_files_that_cannot_be_written_fails_the_source_and_loses_nothing(site: Site) -> None:
    site.config += example('kind = "mail"', "attachments =") + '\n[[feeds]]\nname = "all"\ntitle = "All"\n'
    (site.root / "mail").mkdir()
    mailbox.Maildir(site.root / "mail" / "minutes").add(letter(1))
    (site.root / "attached").write_text("in the way")
    ran = site.publish()
    assert ran.source("minutes")["status"] == "failed"
    assert "cannot be written" in ran.source("minutes")["error"]
    (site.root / "attached").unlink()
    assert site.publish().source("minutes")["new"] == 1


@pytest.mark.parametrize(("key", "other"), [("attachments", "files_url"), ("files_url", "attachments")])
def test_a_folder_and_its_address_need_each_other(site: Site, key: str, other: str) -> None:
    lines = example('kind = "mail"', "attachments =").splitlines(keepends=True)
    site.config += "".join(line for line in lines if not line.startswith(other))
    ran = site.run("publish")
    assert ran.code == 2
    assert f'"{other}" is missing, and "{key}" needs it' in ran.err
