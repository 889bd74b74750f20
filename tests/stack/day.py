"""A working day with the client that openapi-python-client made of infra/openapi.yaml: `day.py URL STORE ORDER`, the token of
an admin in API_TOKEN. ORDER is of a thread that waits, of a buyer who need not be kept."""

import os
import sys
import time
from http import HTTPStatus

from within24_client import AuthenticatedClient
from within24_client.api.answers import get_answer, hand_in_answer, list_answers, screen_drafts
from within24_client.api.metrics import get_metrics, list_metric_days
from within24_client.api.stores import erase_buyer, get_store, list_changes, list_reports, list_stores
from within24_client.api.threads import (
    assign_thread,
    change_tags,
    export_thread,
    get_thread,
    list_threads,
    mark_no_response_needed,
    mark_read,
    reopen_thread,
    unassign_thread,
)
from within24_client.api.tokens import list_tokens, make_token, revoke_token
from within24_client.models import (
    AnswerIn,
    AnswerState,
    AssigneeIn,
    Blocked,
    Draft,
    FullThread,
    ScopesIn,
    ScreenReportVerdict,
    Status,
    TagsIn,
    TokenIn,
)

URL, STORE, ORDER = sys.argv[1:]


def client(token):
    return AuthenticatedClient(base_url=URL, token=token, raise_on_unexpected_status=True, timeout=60)


def got(answer, status=HTTPStatus.OK):
    """What came back, which has to be this."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    assert answer.parsed is not None, answer.content
    return answer.parsed


def token_for(admin, name, role):
    """A token of somebody in the store."""
    wanted = TokenIn(name=name, scopes=ScopesIn.from_dict({STORE: role}))
    return got(make_token.sync_detailed(client=admin, body=wanted), HTTPStatus.CREATED)


def until(what, check):
    end = time.monotonic() + 60
    while not check():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.5)


admin = client(os.environ["API_TOKEN"])
made = token_for(admin, "Mara Lind", "agent")
mara, lea = client(made.token), client(token_for(admin, "Lea", "lead").token)

# In the morning: which stores, what waits, the nearest deadline first, all pages.
assert STORE in [store.id for store in got(list_stores.sync_detailed(client=mara)).stores]
waiting, cursor = [], None
while True:
    more = {"cursor": cursor} if cursor else {}
    page = got(list_threads.sync_detailed(STORE, client=mara, status=Status.NEEDS_RESPONSE, limit=3, **more))
    waiting += page.threads
    cursor = page.next_
    if cursor is None:
        break
assert [thread.due_at for thread in waiting] == sorted(thread.due_at for thread in waiting)
[summary] = got(list_threads.sync_detailed(STORE, client=mara, order_id=ORDER)).threads
assert summary.id in [thread.id for thread in waiting]
here = (STORE, summary.id)

# The buyer's words.
thread = got(get_thread.sync_detailed(*here, client=mara))
assert isinstance(thread, FullThread) and thread.unread
assert "flickers" in thread.messages[0].text, thread.messages
assert not got(mark_read.sync_detailed(*here, client=mara)).unread
tagged = got(change_tags.sync_detailed(*here, client=mara, body=TagsIn(add=["warranty", "lamp"], remove=["new"])))
assert set(tagged.tags) >= {"warranty", "lamp"}
assert got(assign_thread.sync_detailed(*here, client=mara, body=AssigneeIn(to="Mara Lind"))).assignee == "Mara Lind"

# Decisions, and taken back.
assert got(mark_no_response_needed.sync_detailed(*here, client=mara)).due_at is None
assert got(reopen_thread.sync_detailed(*here, client=mara)).due_at == summary.due_at
assert got(unassign_thread.sync_detailed(*here, client=mara)).assignee is None

# What must not go out does not.
forbidden = "For a 5-star review we send you a voucher."
report = got(screen_drafts.sync_detailed(STORE, client=mara, body=Draft(text=forbidden)))
assert report.verdict == ScreenReportVerdict.BLOCK and report.findings
refused = hand_in_answer.sync_detailed(*here, client=mara, body=AnswerIn(text=forbidden), idempotency_key="forbidden")
assert isinstance(got(refused, HTTPStatus.UNPROCESSABLE_ENTITY), Blocked)
assert got(list_answers.sync_detailed(*here, client=mara)).answers == []
override = AnswerIn(text=forbidden, override=True)
by_agent = hand_in_answer.sync_detailed(*here, client=mara, body=override, idempotency_key="override")
got(by_agent, HTTPStatus.FORBIDDEN)

# The answer, handed in twice, goes out once.
good = AnswerIn(text="Hello,\n\na new driver for the lamp is with you on Wednesday.\n\nMara Lind")
first, again = (
    got(hand_in_answer.sync_detailed(*here, client=mara, body=good, idempotency_key="lamp-1"), HTTPStatus.ACCEPTED)
    for _ in range(2)
)
assert first.id == again.id
until("it is sent", lambda: got(get_answer.sync_detailed(*here, first.id, client=mara)).state == AnswerState.SENT)
until("it is answered", lambda: got(get_thread.sync_detailed(*here, client=mara)).status == Status.ANSWERED)
assert len(got(list_answers.sync_detailed(*here, client=mara)).answers) == 1

# In the evening: numbers, what went wrong, who did what.
windows = got(get_metrics.sync_detailed(STORE, client=mara)).windows
assert {window.window_days for window in windows} == {7, 30, 90}
assert got(list_metric_days.sync_detailed(STORE, client=mara)).days
assert isinstance(got(list_reports.sync_detailed(STORE, client=mara)).reports, list)
changes = got(list_changes.sync_detailed(STORE, client=lea)).changes
done = {change.what.value for change in changes if change.thread == summary.id and change.by.name == "Mara Lind"}
assert done >= {"answered", "read", "tagged", "assigned", "unassigned", "reopened", "no-response-needed"}, done
assert got(get_store.sync_detailed(STORE, client=admin)).id == STORE

# An agent exports and erases nothing.
got(export_thread.sync_detailed(*here, client=mara), HTTPStatus.FORBIDDEN)
got(erase_buyer.sync_detailed(STORE, thread.buyer, client=lea), HTTPStatus.FORBIDDEN)
export = got(export_thread.sync_detailed(*here, client=lea))
assert [answer.id for answer in export.answers] == [first.id]
kinds = [message.kind.value for message in export.messages]
assert len(kinds) > 1 and kinds == ["buyer"] * (len(kinds) - 1) + ["reply"], kinds

# The buyer wants to be forgotten; and Mara goes home for good.
erased = got(erase_buyer.sync_detailed(STORE, thread.buyer, client=admin))
assert (erased.removed.threads, erased.removed.messages, erased.removed.answers) == (1, len(kinds), 1), erased
got(get_thread.sync_detailed(*here, client=lea), HTTPStatus.NOT_FOUND)
assert revoke_token.sync_detailed(made.id, client=admin).status_code == HTTPStatus.NO_CONTENT
got(list_threads.sync_detailed(STORE, client=mara), HTTPStatus.UNAUTHORIZED)
assert made.id in [token.id for token in got(list_tokens.sync_detailed(client=admin)).tokens if token.revoked_at]
print("the day is done")
