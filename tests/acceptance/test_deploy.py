"""What deploy/ ships, run as far as it runs without root, a daemon or somebody else's machine."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from feedmill.config.cron import cron
from sites import Site, Watched

DEPLOY = Path(__file__).parents[2] / "deploy"
ROOT = DEPLOY.parent
UNITS = ["feedmill.service", "feedmill-publish.service", "feedmill-publish.timer"]
SERVICES = [name for name in UNITS if name.endswith(".service")]
FEEDMILL = "/opt/feedmill/bin/feedmill"
HERE = Path(sys.executable).with_name("feedmill")
ARTICLE = "---\ntitle: {title}\n---\nWords of {title}.\n"  # undated: the state alone knows when it came


def done(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they would be where Feedmill is installed."""
    folder = tmp_path / "units"
    folder.mkdir()
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text()
        (folder / name).write_text(text.replace(FEEDMILL, str(HERE)))
    return folder


@pytest.mark.needs("systemd-analyze")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_units(units: Path, name: str) -> None:
    verified = done(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(units / name)])
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.needs("systemd-analyze")
@pytest.mark.parametrize("name", SERVICES)
def test_the_services_may_do_little(units: Path, name: str) -> None:
    """Exposure as systemd measures it: 0 is nothing, 10 is everything."""
    judged = done(["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(units / name)])
    assert judged.returncode == 0, judged.stdout


def _exec(name: str) -> list[str]:
    lines = (DEPLOY / "systemd" / name).read_text().splitlines()
    (line,) = [line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart=")]
    return shlex.split(line)


def test_what_the_units_start_is_the_service_and_the_one_shot(site: Site) -> None:
    (site.articles() / "first.md").write_text(ARTICLE.format(title="First"))
    site.feed()
    assert _exec("feedmill-publish.service")[0] == FEEDMILL
    assert site.run(*_exec("feedmill-publish.service")[1:]).code == 0
    run = _exec("feedmill.service")[1:]
    run[run.index("127.0.0.1:8000")] = "127.0.0.1:0"
    site.config += '\n[serve]\nadmin = "none"\n'
    process = site.popen(*run)
    site.services.append(process)
    service = Watched(process)
    service.until("service: started")
    process.send_signal(signal.SIGHUP)  # ExecReload
    service.until("configuration reloaded")
    process.send_signal(signal.SIGTERM)
    assert service.end() == 0


@pytest.mark.needs("systemd-analyze")
def test_the_timer_comes_every_five_minutes() -> None:
    times = done(["systemd-analyze", "calendar", "--iterations=2", "*:0/5"])
    assert times.returncode == 0
    assert "OnCalendar=*:0/5\n" in (DEPLOY / "systemd" / "feedmill-publish.timer").read_text()


def test_the_lines_for_cron(site: Site) -> None:
    """cron takes the first five fields, makes `\\%` a percent sign, and gives the rest to sh."""
    (site.articles() / "first.md").write_text(ARTICLE.format(title="First"))
    site.feed()
    site.save()
    lines = [line for line in (DEPLOY / "crontab").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == 2
    for line in lines:
        *fields, command = line.split(maxsplit=5)
        cron(" ".join(fields))
        assert "%" not in command.replace("\\%", "")
        here = command.replace("\\%", "%").replace(FEEDMILL, str(HERE)).replace("/var/lib/feedmill", str(site.root))
        ran = done(["/bin/sh", "-c", here], env=site.environment)
        assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert site.titles() == ["First"]
    assert len(list(site.root.glob("state-[1-7].sqlite3"))) == 1


@pytest.mark.parametrize(
    ("schema", "file"),
    [("vendor.compose-spec", "compose.yaml"), ("vendor.github-workflows", "github-pages.yml")],
)
def test_the_files_of_others_keep_to_their_schemas(schema: str, file: str) -> None:
    checked = done([sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(DEPLOY / file)])
    assert checked.returncode == 0, checked.stdout


def _instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def test_the_dockerfile_is_as_hadolint_wants_it() -> None:
    program = Path(sys.executable).with_name("hadolint")
    linted = done([str(program), str(DEPLOY / "Dockerfile")])
    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_image_has_what_it_needs_and_runs_as_nobody_in_particular() -> None:
    told = _instructions()
    copied = [name for what, rest in told if what == "COPY" and "--from" not in rest for name in rest.split()[:-1]]
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert all((ROOT / name).exists() and f"!{name}" in ignore for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {project["readme"], *project["license-files"], "pyproject.toml", "src"} <= set(copied)
    assert ("USER", "10001") in told
    extras = project["optional-dependencies"]
    assert any(".[serve,fulltext]" in rest for what, rest in told if what == "RUN")
    assert {"serve", "fulltext"} <= extras.keys()


def test_the_command_of_the_image_is_one(site: Site) -> None:
    (site.articles() / "first.md").write_text(ARTICLE.format(title="First"))
    site.feed()
    site.config += '\n[serve]\nadmin = "none"\n'
    told = dict(_instructions())
    assert told["ENTRYPOINT"] == '["feedmill"]'
    command: list[str] = yaml.safe_load(told["CMD"])
    process = site.popen(*[word.replace("0.0.0.0:8000", "127.0.0.1:0") for word in command])
    site.services.append(process)
    service = Watched(process)
    service.until("service: started")
    process.send_signal(signal.SIGTERM)
    assert service.end() == 0


class Runner:
    """A machine of GitHub's, fresh for each run, with a repository that is on this one."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.origin = home / "origin.git"
        self.runs = 0
        self._git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))

    def _git(self, *arguments: str, cwd: Path | None = None) -> str:
        settings = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        ran = done(["git", *settings, *arguments], cwd=cwd or self.home, env=self._environment())
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def _environment(self) -> dict[str, str]:
        usual = {name: value for name, value in os.environ.items() if not name.startswith(("FEEDMILL_", "GIT_"))}
        return usual | {"PATH": f"{HERE.parent}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull}

    def push(self, site: Site) -> None:
        """Put the site into the repository."""
        site.save()
        work = self.home / "work"
        if not work.exists():
            self._git("clone", "--quiet", str(self.origin), str(work))
        shutil.copytree(site.root, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("feeds", ".feedmill"))
        self._git("add", ".", cwd=work)
        self._git("commit", "--quiet", "--message", "x", cwd=work)
        self._git("push", "--quiet", "origin", "HEAD:main", cwd=work)

    def run(self, event: str = "schedule") -> tuple[int, Path, str]:
        """Run the steps that are commands; return the exit code, the folder, and what was said."""
        self.runs += 1
        folder, temporary = self.home / f"run{self.runs}", self.home / f"temporary{self.runs}"
        temporary.mkdir()
        self._git("clone", "--quiet", "--depth=1", f"file://{self.origin}", str(folder))
        job = yaml.safe_load((DEPLOY / "github-pages.yml").read_text())["jobs"]["publish"]
        said = ""
        for step in job["steps"]:
            if "run" not in step or step.get("name") == "Install Feedmill":
                continue
            environment = self._environment() | {"RUNNER_TEMP": str(temporary)}
            environment |= {name: value for name, value in step.get("env", {}).items() if "${{" not in value}
            environment |= {"DUE": "--due" if event == "schedule" else ""}
            ran = done(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=folder, env=environment
            )
            said += ran.stdout + ran.stderr
            if ran.returncode:
                return ran.returncode, folder, said
        return 0, folder, said


@pytest.fixture
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("runner"))


@pytest.mark.needs("git")
def test_the_workflow_goes_on_from_where_it_was(site: Site, runner: Runner) -> None:
    folder = site.articles()
    (folder / "first.md").write_text(ARTICLE.format(title="First"))
    site.feed()
    runner.push(site)
    code, first, said = runner.run("push")
    assert code == 0, said
    assert "this is the first run" in said
    code, second, said = runner.run()
    assert code == 0, said
    assert "is the state now" in said
    once, again = (Site(root, site.config) for root in (first, second))
    assert once.digests() == again.digests()
    assert once.digests().keys() == {"all/atom.xml", "all/rss.xml"}
    # Renamed: without the state it would be another article, dated anew.
    (folder / "first.md").rename(folder / "renamed.md")
    shutil.rmtree(runner.home / "work" / "news")
    runner.push(site)
    code, third, said = runner.run("push")
    assert code == 0, said
    assert Site(third, site.config).digests() == once.digests()
    state = done(["git", "rev-list", "--count", "feedmill-state"], cwd=runner.origin)
    assert state.stdout.strip() == "1", "the branch does not grow"


@pytest.mark.needs("git")
def test_the_workflow_publishes_nothing_if_the_state_cannot_be_had(site: Site, runner: Runner) -> None:
    (site.articles() / "first.md").write_text(ARTICLE.format(title="First"))
    site.feed()
    runner.push(site)
    assert runner.run()[0] == 0
    damage = done(["git", "commit-tree", "-m", "x", "HEAD^{tree}"], cwd=runner.home / "work", env=_author())
    done(
        ["git", "push", "--force", "origin", f"{damage.stdout.strip()}:refs/heads/feedmill-state"],
        cwd=runner.home / "work",
    )
    code, folder, _ = runner.run()
    assert code != 0
    assert not (folder / "feeds").exists()


def _author() -> dict[str, str]:
    who = {f"GIT_{role}_{what}": "a" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return dict(os.environ) | who


@pytest.mark.needs("git")
def test_the_workflow_publishes_what_it_can(site: Site, runner: Runner) -> None:
    (site.articles() / "first.md").write_text(ARTICLE.format(title="First"))
    site.upstream("up", "http://127.0.0.1:1/feed")
    site.feed()
    runner.push(site)
    code, folder, said = runner.run()
    assert code == 0, said
    assert Site(folder, site.config).titles() == ["First"]
