"""Which sources a site has: those that are configured, and those that its lists name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from factories import SPEC, folder, upstream
from feedmill.model import Auth, Content, FeedSpec, Source, Subscription, Treatment
from feedmill.normalize.opml import handle
from feedmill.pipeline.roster import Roster, relisted, roster_of


def listed(of: str, letter: str, *, present: bool = True) -> Subscription:
    url = f"https://{letter}.example/feed"
    return Subscription(name=f"{of}/{handle(url)}", url=url, title=letter.upper(), present=present)


def a_list(name: str = "planet", **fields: object) -> Source:
    return replace(Source(name=name, kind="opml", url="https://list.example/", every=timedelta(1)), **fields)  # type: ignore[arg-type]


class Memory:
    def __init__(self, *known: Subscription) -> None:
        self.known = known
        self.asked: list[str] = []

    def subscriptions(self, source: str) -> list[Subscription]:
        self.asked.append(source)
        return [one for one in self.known if one.name.startswith(f"{source}/")]


def letters(roster: Roster) -> list[str]:
    return [source.title or source.name for source in roster.sources]


def spec(*sources: str) -> FeedSpec:
    return replace(SPEC, sources=sources)


A, B, C = (listed("planet", letter) for letter in "abc")


def test_a_list_is_followed_by_its_feeds() -> None:
    roster = roster_of((folder("news"), a_list(), upstream("last")), Memory(A, B))
    assert letters(roster) == ["news", "planet", "A", "B", "last"]
    assert roster.names == ("news", "planet", A.name, B.name, "last")


def test_a_site_without_lists_asks_for_none() -> None:
    memory = Memory(A)
    assert letters(roster_of((folder("planet"),), memory)) == ["planet"]
    assert memory.asked == []


def test_a_feed_of_a_list_has_all_of_it_but_its_schedule_and_its_login() -> None:
    wish = Treatment(content=Content.SUMMARY, include=("x",))
    login = Auth(type="bearer", secret_env="TOKEN")
    source = a_list(
        treatment=wish, language="id", fulltext=True, auth=login, headers=(("X-Key", "k"),), cron="0 6 * * *"
    )
    (_, feed) = roster_of((source,), Memory(A)).sources
    assert feed == Source(
        name=A.name,
        kind="feed",
        url=A.url,
        title="A",
        listed_by="planet",
        treatment=wish,
        language="id",
        fulltext=True,
    )


def test_what_left_a_list_is_not_asked_and_still_taken_from() -> None:
    gone = replace(B, present=False)
    roster = roster_of((a_list(),), Memory(A, gone))
    assert letters(roster) == ["planet", "A"]
    assert roster.taken_by(spec("planet")) == [A.name, B.name]
    assert roster.named([B.name]) == []


def test_a_feed_that_several_name_is_asked_for_by_the_first() -> None:
    own = upstream("own", "http://www.a.example/feed/")
    other = a_list("other")
    again = listed("other", "b")
    roster = roster_of((other, a_list(), own), Memory(A, B, again))
    assert letters(roster) == ["other", "B", "planet", "own"]
    assert roster.elsewhere == {A.name: "own", B.name: again.name}
    assert roster.taken_by(spec("planet")) == [again.name, A.name, B.name, "own"]
    assert roster.taken_by(spec("own")) == ["own"]
    assert [source.name for source in roster.named(["planet"])] == [again.name, "planet", "own"]
    assert [source.name for source in roster.named([A.name])] == ["own"]
    assert [source.name for source in roster.needed_by([spec(A.name)])] == ["planet", "own"]


def test_feeds_that_are_treated_in_another_way_are_asked_for_each_by_itself() -> None:
    for fields in (
        {"treatment": Treatment(content=Content.LINK)},
        {"language": "id"},
        {"auth": Auth(type="bearer", secret_env="TOKEN")},
        {"headers": (("X-Key", "k"),)},
        {"fulltext": True},
    ):
        own = replace(upstream("own", A.url), **fields)
        assert letters(roster_of((own, a_list()), Memory(A))) == ["own", "planet", "A"]
    own = upstream("own", A.url, every=timedelta(1))
    assert letters(roster_of((own, a_list()), Memory(A))) == ["own", "planet"]


def test_feeds_that_the_configuration_names_twice_are_asked_for_twice() -> None:
    """Whoever writes them both wants both."""
    assert letters(roster_of((upstream("one"), upstream("two"), a_list()), Memory())) == ["one", "two", "planet"]


def test_a_list_stands_for_its_feeds_and_for_itself_while_it_has_none() -> None:
    assert roster_of((a_list(),), Memory()).taken_by(spec("planet")) == ["planet"]
    roster = roster_of((folder("news"), a_list()), Memory(A, B))
    assert roster.taken_by(spec("planet")) == [A.name, B.name]
    assert roster.taken_by(spec("*")) == ["news", A.name, B.name]
    assert roster.taken_by(spec("planet/a-*")) == [A.name]
    assert roster.taken_by(spec("news")) == ["news"]


def test_the_list_is_needed_by_a_feed_that_takes_any_of_it() -> None:
    roster = roster_of((folder("news"), a_list()), Memory(A, B))

    def needed(*patterns: str) -> list[str]:
        return [source.title or source.name for source in roster.needed_by([spec(*patterns)])]

    assert needed("planet") == ["planet", "A", "B"]
    assert needed("planet/a-*") == ["planet", "A"]
    assert needed("planet/z-*") == ["planet"]
    assert needed("*-b-example-*") == []
    assert needed("*b-example*") == ["planet", "B"]
    assert needed("news") == ["news"]


def test_what_is_missing_from_a_whole_list_has_left_it() -> None:
    assert relisted([A, B], [B, C], whole=True) == (B, C, replace(A, present=False))
    assert relisted([A, B], [B, C], whole=False) == (B, C, A)
    assert relisted([A, B], [], whole=True) == (replace(A, present=False), replace(B, present=False))


def test_what_comes_back_is_there_again() -> None:
    assert relisted([A, replace(B, present=False)], [A, B], whole=True) == (A, B)


def test_a_list_as_it_was_is_not_written_again() -> None:
    gone = replace(C, present=False)
    assert relisted([A, B, gone], [A, B], whole=True) == ()
    assert relisted([A, B, gone], [B, A], whole=True) == (B, A, gone)
    assert relisted([A, B], [replace(A, title="New"), B], whole=True) == (replace(A, title="New"), B)
    assert relisted([], [], whole=True) == ()
