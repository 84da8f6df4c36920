"""Workers give every task its result, whatever the others do to their process."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from archcheck import workers
from archcheck.surface import Limits
from archcheck.workers import Lost, Start, default_jobs, memory_limited, run

LIMITS = Limits(unit_seconds=0.2, unit_memory=200_000_000)
STARTS = [
    pytest.param("fork", marks=pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")),
    "spawn",
]


def echo(task: object) -> bytes:
    return str(task).encode()


def misbehave(task: str) -> bytes:
    match task.partition(" "):
        case ("segfault", _, _):
            os.kill(os.getpid(), signal.SIGSEGV)
        case ("leave", _, code):
            os._exit(int(code))
        case ("exit", _, _):
            sys.exit("enough")
        case ("sleep", _, seconds):
            time.sleep(float(seconds))
        case ("backtrack", _, _):
            re.match(r"(a+)+$", "a" * 60 + "b")
        case ("hoard", _, _):
            hoard = []
            while True:
                hoard.append(bytes(1 << 24))
        case ("raise", _, words):
            raise ValueError(words)
        case ("recurse", _, _):
            return misbehave(task)
        case ("print", _, _):
            print("noise", flush=True)
            print("noise", file=sys.stderr, flush=True)
        case ("big", _, size):
            return b"x" * int(size)
        case ("pid", _, _):
            return str(os.getpid()).encode()
    return task.encode()


def results(tasks: list[str], jobs: int = 2, start: Start | None = None) -> dict[int, bytes | Lost]:
    got = list(run(tasks, misbehave, jobs=jobs, limits=LIMITS, start=start))
    assert sorted(index for index, _ in got) == list(range(len(tasks))), "each task has one result"
    return dict(got)


def lost(task: str, start: Start | None = None) -> Lost:
    """What becomes of one task, after making sure that those around it are done."""
    tasks = [f"fine {number}" for number in range(6)]
    tasks.insert(2, task)
    got = results(tasks, start=start)
    fate = got.pop(2)
    assert all(result == tasks[index].encode() for index, result in got.items())
    assert isinstance(fate, Lost)
    return fate


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def has_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("jobs", [1, 3])
def test_every_task_is_done_once(start: Start, jobs: int) -> None:
    got = list(run(range(200), echo, jobs=jobs, limits=LIMITS, start=start))
    assert sorted(got) == [(number, str(number).encode()) for number in range(200)]


@pytest.mark.parametrize("start", STARTS)
def test_a_crash_costs_its_task(start: Start) -> None:
    assert lost("segfault", start) == Lost(
        "crash", "the process that read it was killed by SIGSEGV", "exclude it, and report it"
    )


def test_leaving_costs_its_task() -> None:
    assert lost("leave 3").reason == "the process that read it ended with exit code 3"
    assert lost("leave 0").reason == "the process that read it ended with exit code 0"


def test_an_exception_is_told_in_one_line_with_its_place() -> None:
    fate = lost("raise two\n  lines")
    assert fate.kind == "crash"
    assert re.fullmatch(r"reading it failed: ValueError: two lines \(test_workers\.py:\d+\)", fate.reason)
    assert "SystemExit: enough" in lost("exit").reason


def test_an_exception_with_a_lone_surrogate_is_told_too() -> None:
    assert "\\udcff" in lost("raise \udcff").reason


@pytest.mark.parametrize("start", STARTS)
def test_a_hang_in_c_code_is_stopped_by_the_kernel(start: Start) -> None:
    fate = lost("backtrack", start)
    assert (fate.kind, fate.reason) == ("timeout", "reading it took more than 0.2 s of processor time")


@pytest.mark.parametrize("start", STARTS)
def test_a_sleeper_is_stopped_by_the_parent(start: Start) -> None:
    begun = time.monotonic()
    fate = lost("sleep 60", start)
    assert (fate.kind, fate.reason) == ("timeout", "reading it was not done after 2 s")
    assert time.monotonic() - begun < 20


@pytest.mark.skipif(not memory_limited(), reason="no memory limit on this system")
@pytest.mark.parametrize("start", STARTS)
def test_a_blow_up_of_memory_costs_its_task(start: Start) -> None:
    fate = lost("hoard", start)
    assert (fate.kind, fate.reason) == ("limit", "reading it took more than 200,000,000 bytes of memory")


def test_endless_recursion_costs_its_task() -> None:
    assert lost("recurse").kind == "limit"


def test_many_deaths_in_a_row_are_survived() -> None:
    tasks = ["segfault"] * 30 + ["fine"] + ["leave 1"] * 30
    got = results(tasks, jobs=4)
    assert got[30] == b"fine"
    assert sum(isinstance(result, Lost) for result in got.values()) == 60


def test_tasks_behind_a_long_one_move_to_idle_workers() -> None:
    begun = time.monotonic()
    got = list(run(["sleep 1.5", *(["sleep 0.01"] * 5)], misbehave, jobs=2, limits=Limits()))
    assert got[-1][0] == 0, "the long one comes last"
    assert time.monotonic() - begun < 10


def test_large_results_arrive_whole() -> None:
    got = results(["big 30000000", "big 0", "big 70000"])
    assert [len(got[index]) for index in range(3)] == [30_000_000, 0, 70_000]  # type: ignore[arg-type]


def test_workers_print_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    results(["print"] * 3)
    assert capfd.readouterr() == ("", "")


def test_isolation_is_kept_with_one_job_and_can_be_refused() -> None:
    assert results(["pid"], jobs=1)[0] != str(os.getpid()).encode()
    alone = dict(run(["pid", "raise no"], misbehave, jobs=1, limits=LIMITS, isolate=False))
    assert alone[0] == str(os.getpid()).encode()
    assert isinstance(alone[1], Lost)


def test_no_more_workers_than_tasks_and_no_fewer_than_asked_for() -> None:
    got = list(run(["pid"], misbehave, jobs=8, limits=LIMITS))
    assert len(got) == 1
    slow = list(run(list("abc"), pid_slowly, jobs=3, limits=LIMITS))
    assert len({pid for _, pid in slow}) == 3


def pid_slowly(_: str) -> bytes:
    time.sleep(0.3)
    return str(os.getpid()).encode()


def test_nothing_to_do_needs_no_worker() -> None:
    assert list(run([], misbehave, jobs=0, limits=LIMITS)) == []
    assert 1 <= default_jobs() <= (os.cpu_count() or 1)


@pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")
def test_setup_runs_in_every_worker_and_its_failure_is_told() -> None:
    ready: list[int] = []
    got = dict(
        run(
            "ab",
            lambda _: str(ready == [os.getpid()]).encode(),
            jobs=2,
            limits=LIMITS,
            setup=lambda: ready.append(os.getpid()),
        )
    )
    assert set(got.values()) == {b"True"}
    assert ready == []
    broken = dict(run("ab", echo, jobs=2, limits=LIMITS, setup=lambda: misbehave("raise unready") and None))
    assert all(isinstance(fate, Lost) and "unready" in fate.reason for fate in broken.values())


@pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")
def test_workers_that_die_at_once_are_given_up() -> None:
    got = dict(run("abc", echo, jobs=2, limits=LIMITS, setup=lambda: os._exit(9)))
    assert {fate.reason for fate in got.values() if isinstance(fate, Lost)} == {
        "no process could be kept alive to read it"
    }
    assert len(got) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")
def test_workers_are_forked_before_started_is_called_and_never_by_a_process_with_threads() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    script = [f"fine {number}" for number in range(10)] + ["segfault"] * 3 + ["fine"] * 3
    with pytest.MonkeyPatch.context() as patch:
        forks = []
        fork = os.fork
        patch.setattr(os, "fork", lambda: forks.append(threading.active_count()) or fork())
        before = threading.active_count()
        got = dict(run(script, misbehave, jobs=2, limits=LIMITS, started=thread.start))
    stop.set()
    thread.join()
    assert len(got) == len(script)
    assert forks == [before], "this process forks once, before the thread is there"


@pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")
def test_a_killed_worker_costs_at_most_what_it_had_begun() -> None:
    got = dict(run([f"{n}" for n in range(8)], kill_own_parent_once, jobs=2, limits=LIMITS))
    assert len(got) == 8, "even when the nursery is killed the run ends with a result for each"
    assert any(isinstance(result, Lost) for result in got.values())


def kill_own_parent_once(task: str) -> bytes:
    if task == "2":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(0.5)
    return task.encode()


@pytest.mark.skipif(sys.platform != "linux", reason="counts through /proc")
@pytest.mark.parametrize("start", STARTS)
def test_nothing_is_left_behind(start: Start) -> None:
    results(["fine"], start=start)  # what the first run opens for good (a resource tracker) is not a leak
    before, children = open_descriptors(), has_children()
    results(["segfault", "fine", "leave 2", "sleep 30", "fine"], start=start)
    half = run(["fine"] * 50, misbehave, jobs=2, limits=LIMITS, start=start)
    next(half)
    half.close()  # type: ignore[attr-defined]
    assert open_descriptors() == before
    assert has_children() is children
    assert gc.get_freeze_count() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")
@pytest.mark.parametrize("moment", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_process(moment: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, sys, time
            from archcheck.surface import Limits
            from archcheck.workers import run

            def work(task):
                print_pid(os.getpid())
                time.sleep(60)

            def print_pid(pid):
                with open(sys.argv[1], "a") as file:
                    file.write(f"{pid}\\n")

            list(run("ab", work, jobs=2, limits=Limits()))
            """
        )
    )
    pids = tmp_path / "pids"
    process = subprocess.Popen([sys.executable, str(script), str(pids)], stderr=subprocess.PIPE, start_new_session=True)
    wait_until(lambda: pids.exists() and len(pids.read_text().splitlines()) == 2)
    process.send_signal(moment)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == -moment
    assert (b"KeyboardInterrupt" in errors) == (moment == signal.SIGINT)
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: not alive(pid))


def alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: object) -> None:
    deadline = time.monotonic() + 10
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def test_a_slow_consumer_is_no_reason_to_stop_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_PATIENCE", 2)
    got = {}
    for index, result in run(["sleep 0.1"] * 4, misbehave, jobs=2, limits=Limits(unit_seconds=0.5)):
        got[index] = result
        time.sleep(1.2)
    assert set(got.values()) == {b"sleep 0.1"}
