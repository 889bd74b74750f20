"""A day's work with a generated client and nothing else: `a_day.py URL STORE`, an admin's token in WITHIN24_TOKEN, the package
`within24_client` on PYTHONPATH. At least three buyers of the store wait, all of them for the first time."""

import os
import sys
import time
from http import HTTPStatus

from within24_client import AuthenticatedClient
from within24_client.api.answers import get_answer, hand_in_answer, list_answers, screen_drafts
from within24_client.api.endpoints import (
    delete_endpoint,
    disable_endpoint,
    enable_endpoint,
    get_endpoint,
    list_calls,
    list_endpoints,
    make_endpoint,
    renew_secret,
    replay_calls,
)
from within24_client.api.metrics import get_metrics, list_metric_days
from within24_client.api.stores import erase_buyer, list_changes, list_reports, list_stores
from within24_client.api.threads import (
    assign_thread,
    change_tags,
    export_thread,
    get_thread,
    list_threads,
    mark_no_response_needed,
    mark_read,
    reopen_thread,
)
from within24_client.api.tokens import list_tokens, make_token, revoke_token
from within24_client.models import (
    Answer,
    AnswerIn,
    AnswerState,
    AssigneeIn,
    Blocked,
    Deed,
    Draft,
    EndpointDisabled,
    EndpointIn,
    EventType,
    Export,
    FullThread,
    IdempotencyKeyReused,
    Problem,
    ReplayEvent,
    ReplaySince,
    Role,
    Rule,
    ScopesIn,
    ScreenReportVerdict,
    Status,
    TagsIn,
    TokenIn,
)

URL, STORE = sys.argv[1:]
FORBIDDEN = "For a 5-star review we send you a voucher."
ANSWER = "Hello,\n\nthe parcel is due on Friday.\n\nMara Lind"


def client(token):
    return AuthenticatedClient(base_url=URL, token=token, raise_on_unexpected_status=True)


def done(operation, *where, gives=HTTPStatus.OK, **what):
    """Calls an operation, and gives what came as the document describes it."""
    answer = operation.sync_detailed(*where, **what)
    assert answer.status_code == gives, (operation.__name__, answer.status_code, answer.content)
    assert answer.headers["x-request-id"]
    return answer.parsed


def until(what, check, seconds=60):
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, f"waited {seconds} s in vain: {what}"
        time.sleep(0.5)
    return found


def a_token(admin, name, role):
    scopes = ScopesIn()
    scopes[STORE] = role
    made = done(make_token, client=admin, body=TokenIn(name=name, scopes=scopes), gives=HTTPStatus.CREATED)
    assert (made.name, made.scopes[STORE], made.revoked_at) == (name, role, None)
    return made


admin = client(os.environ["WITHIN24_TOKEN"])
mara, jonas = a_token(admin, "Mara Lind", Role.AGENT), a_token(admin, "Jonas Petersen", Role.LEAD)
agent, lead = client(mara.token), client(jonas.token)
assert {mara.id, jonas.id} <= {one.id for one in done(list_tokens, client=admin).tokens}
# Tokens are read from copies that may be a second old.
until("the token opens", lambda: list_stores.sync_detailed(client=agent).status_code == HTTPStatus.OK)
assert [(one.id, one.role) for one in done(list_stores, client=agent).stores] == [(STORE, Role.AGENT)]

# What waits, nearest deadline first, a page at a time.
waiting, cursor = [], None
while True:
    more = {"cursor": cursor} if cursor else {}
    page = done(list_threads, STORE, client=agent, status=Status.NEEDS_RESPONSE, limit=2, **more)
    waiting += page.threads
    cursor = page.next_
    if not cursor:
        break
assert len({one.id for one in waiting}) == len(waiting) >= 3
assert [one.due_at for one in waiting] == sorted(one.due_at for one in waiting)
first, second = waiting[:2]
assert (first.due_at - first.awaiting_since).total_seconds() == 24 * 3600

# Read.
thread = done(get_thread, STORE, first.id, client=agent)
assert isinstance(thread, FullThread) and thread.unread
assert thread.messages[0].by == "buyer" and thread.messages[0].text
assert not done(mark_read, STORE, first.id, client=agent).unread

# Answer: not what Amazon forbids, and once.
report = done(screen_drafts, STORE, client=agent, body=Draft(text=FORBIDDEN))
assert report.verdict == ScreenReportVerdict.BLOCK
assert Rule.REVIEW_INCENTIVE in {finding.rule for finding in report.findings}


def answer(text, key, gives):
    where = {"client": agent, "idempotency_key": key, "gives": gives}
    return done(hand_in_answer, STORE, first.id, body=AnswerIn(text=text), **where)


blocked = answer(FORBIDDEN, "day-0", HTTPStatus.UNPROCESSABLE_ENTITY)
assert isinstance(blocked, Blocked)
assert {finding.rule for finding in blocked.findings} == {finding.rule for finding in report.findings}
taken, again = [answer(ANSWER, "day-1", HTTPStatus.ACCEPTED) for _ in range(2)]
assert isinstance(taken, Answer) and taken.id == again.id and taken.by == "Mara Lind"
assert isinstance(answer(ANSWER + "!", "day-1", HTTPStatus.UNPROCESSABLE_ENTITY), IdempotencyKeyReused)


def state():
    now = done(get_answer, STORE, first.id, taken.id, client=agent)
    assert now.state in (AnswerState.PENDING, AnswerState.SENDING, AnswerState.SENT), now.state
    return now.state == AnswerState.SENT


until("it is sent", state)
[only] = [one for one in done(list_answers, STORE, first.id, client=agent).answers if one.by == "Mara Lind"]
assert (only.id, only.text, only.state) == (taken.id, ANSWER, AnswerState.SENT)
thread = done(get_thread, STORE, first.id, client=agent)
assert (thread.status, thread.due_at) == (Status.ANSWERED, None)
assert thread.last_answer_at >= taken.created_at.replace(microsecond=0)
assert thread.messages[-1].by == "Mara Lind"

# Decide.
assert done(change_tags, STORE, second.id, client=agent, body=TagsIn(add=["warranty"])).tags == ["warranty"]
assert done(assign_thread, STORE, second.id, client=agent, body=AssigneeIn(to="mara@lampen.example")).assignee
mine = done(list_threads, STORE, client=agent, assignee="Mara@lampen.example", tag="warranty").threads
assert [one.id for one in mine] == [second.id]
closed = done(mark_no_response_needed, STORE, second.id, client=agent)
assert (closed.status, closed.due_at) == (Status.NO_RESPONSE_NEEDED, None)
opened = done(reopen_thread, STORE, second.id, client=agent)
assert (opened.status, opened.due_at) == (Status.NEEDS_RESPONSE, second.due_at)

# Look back: the numbers, what a person must see, the whole thread, who did what.
numbers = done(get_metrics, STORE, client=agent)
assert numbers.store == STORE and {window.window_days.value for window in numbers.windows} <= {7, 30, 90}
assert len(done(list_metric_days, STORE, client=agent).days) == 30
assert done(list_reports, STORE, client=agent).reports == []
refused = done(export_thread, STORE, first.id, client=agent, gives=HTTPStatus.FORBIDDEN)
assert isinstance(refused, Problem) and refused.status == HTTPStatus.FORBIDDEN
export = done(export_thread, STORE, first.id, client=lead)
assert isinstance(export, Export) and export.thread.id == first.id
assert [one.id for one in export.answers if one.by == "Mara Lind"] == [taken.id]
done(list_changes, STORE, client=agent, gives=HTTPStatus.FORBIDDEN)


def deeds():
    """What Mara did, oldest first."""
    changes = done(list_changes, STORE, client=lead, limit=100).changes
    return [(one.what, one.thread) for one in reversed(changes) if one.by.token == mara.id and one.by.name == "Mara Lind"]


assert deeds() == [
    (Deed.READ, first.id),
    (Deed.ANSWERED, first.id),
    (Deed.TAGGED, second.id),
    (Deed.ASSIGNED, second.id),
    (Deed.NO_RESPONSE_NEEDED, second.id),
    (Deed.REOPENED, second.id),
], deeds()

# Another system is told what happens, by whom only an admin says.
wanted = EndpointIn(url="https://hooks.example.com/day", events=[EventType.THREADOVERDUE_V1])
done(make_endpoint, STORE, client=lead, body=wanted, gives=HTTPStatus.FORBIDDEN)
made = done(make_endpoint, STORE, client=admin, body=wanted, gives=HTTPStatus.CREATED)
assert made.secret.startswith("whsec_") and made.events == ["ThreadOverdue.v1"]
assert made.id in {one.id for one in done(list_endpoints, STORE, client=admin).endpoints}
assert done(disable_endpoint, STORE, made.id, client=admin).disabled.why.value == "person"
missed = ReplaySince(since=first.opened_at)
refused = done(replay_calls, STORE, made.id, client=admin, body=missed, gives=HTTPStatus.CONFLICT)
assert isinstance(refused, EndpointDisabled)
assert done(enable_endpoint, STORE, made.id, client=admin).disabled is None
assert done(replay_calls, STORE, made.id, client=admin, body=missed).started == 0
done(replay_calls, STORE, made.id, client=admin, body=ReplayEvent(event="none"), gives=HTTPStatus.NOT_FOUND)
assert done(list_calls, STORE, made.id, client=admin).calls == []
renewed = done(renew_secret, STORE, made.id, client=admin)
assert renewed.secret != made.secret and renewed.previous_until > made.created_at
assert done(get_endpoint, STORE, made.id, client=admin).secret_changed_at
done(delete_endpoint, STORE, made.id, client=admin, gives=HTTPStatus.NO_CONTENT)
done(get_endpoint, STORE, made.id, client=admin, gives=HTTPStatus.NOT_FOUND)
of_it = {one.what for one in done(list_changes, STORE, client=lead, limit=100).changes if one.about == made.id}
assert {Deed.ENDPOINT_MADE, Deed.ENDPOINT_SECRET_MADE, Deed.ENDPOINT_REPLAYED, Deed.ENDPOINT_DELETED} <= of_it

# Mara leaves.
done(revoke_token, mara.id, client=admin, gives=HTTPStatus.NO_CONTENT)
shut = lambda: list_threads.sync_detailed(STORE, client=agent).status_code == HTTPStatus.UNAUTHORIZED
until("the token opens nothing", shut, seconds=10)

# The first buyer asks to be forgotten.
done(erase_buyer, STORE, first.buyer, client=lead, gives=HTTPStatus.FORBIDDEN)
erased = done(erase_buyer, STORE, first.buyer, client=admin)
assert erased.removed.threads == 1 and erased.removed.messages >= 2 and erased.removed.files >= 1, erased
done(get_thread, STORE, first.id, client=lead, gives=HTTPStatus.NOT_FOUND)
assert first.id not in {one.id for one in done(list_threads, STORE, client=lead).threads}
assert done(get_thread, STORE, second.id, client=lead).id == second.id
