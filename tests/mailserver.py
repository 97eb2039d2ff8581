"""A real IMAP server, Dovecot, on loopback: started by a test in a folder of its own, with one user."""

from __future__ import annotations

import grp
import mailbox
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PASSWORD", "USER", "Mailserver", "mailserver"]

USER, PASSWORD = "reader@example.org", 'correct horse "battery" stäple'

_CONFIG = """\
protocols = imap
listen = 127.0.0.1
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{root}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
ssl = yes
ssl_cert = <{root}/pem
ssl_key = <{root}/pem
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {root}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class Mailserver:
    """The server: its ports, and the user's Maildir, which is the INBOX."""

    plain: int
    tls: int
    maildir: Path
    owner: tuple[int, int]

    def url(self, folder: str = "INBOX", *, tls: bool = False) -> str:
        host = f"localhost:{self.tls}" if tls else f"127.0.0.1:{self.plain}"
        return f"{'imaps' if tls else 'imap'}://{USER}@{host}/{folder}"

    def create(self, folder: str) -> None:
        """Make a folder, named as Dovecot names it in a Maildir: with a dot for each level, in modified UTF-7."""
        coded = "".join(_coded(part) for part in re.findall(r"[ -~]+|[^ -~]+", folder))
        mailbox.Maildir(self.maildir / f".{coded.replace('/', '.')}")
        self._give_away()

    def deliver(self, *messages: bytes, folder: str = "", flags: str = "") -> None:
        """Put messages into the INBOX, or into a folder of a simple name, with Maildir `flags`."""
        box = mailbox.Maildir(self.maildir / (f".{folder}" if folder else ""))
        for message in messages:
            made = mailbox.MaildirMessage(message)
            if flags:
                made.set_subdir("cur")
                made.set_flags(flags)
            box.add(made)
        self._give_away()

    def flags(self, folder: str) -> list[str]:
        """The flags of the messages that are no longer new."""
        return [path.name.partition(":2,")[2] for path in (self.maildir / f".{folder}" / "cur").iterdir()]

    def _give_away(self) -> None:
        for path in (self.maildir, *self.maildir.rglob("*")):
            with suppress(FileNotFoundError):  # the server tidies up meanwhile
                os.chown(path, *self.owner)


def _coded(part: str) -> str:
    if part.isascii():
        return part.replace("&", "&-")
    return f"&{b64encode(part.encode('utf-16-be')).decode().rstrip('=').replace('/', ',')}-"


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def mailserver(pem: Path, *, mechanisms: str = "plain login") -> Iterator[Mailserver]:
    """Run Dovecot. `pem` holds its certificate and key.

    Its folder is not below pytest's, which nobody but root could enter: Dovecot serves no mail as root.
    """
    plain, tls = _free_ports()
    me = pwd.getpwuid(os.getuid())
    user = pwd.getpwnam("nobody") if me.pw_uid == 0 else me
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        for name in ("run", "state", "mail/cur", "mail/new", "mail/tmp"):
            (root / name).mkdir(parents=True)
        (root / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
        shutil.copyfile(pem, root / "pem")
        (root / "dovecot.conf").write_text(
            _CONFIG.format(
                root=root,
                plain=plain,
                tls=tls,
                uid=user.pw_uid,
                gid=user.pw_gid,
                user=user.pw_name,
                group=grp.getgrgid(user.pw_gid).gr_name,
                mechanisms=mechanisms,
            )
        )
        server = Mailserver(plain, tls, root / "mail", (user.pw_uid, user.pw_gid))
        server.deliver()
        process = subprocess.Popen([shutil.which("dovecot") or "dovecot", "-F", "-c", str(root / "dovecot.conf")])
        try:
            _wait(plain, process, root / "log")
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
                if sock.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(log.read_text() if log.exists() else "dovecot did not start")
