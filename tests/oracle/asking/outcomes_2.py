"""How Airflow 2.11 is made to run a DAG step by step."""

from datetime import timedelta

import pendulum
from sqlalchemy import select

from airflow.exceptions import TaskDeferred
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models import DagBag, DagRun, TaskInstance, TaskReschedule, XCom
from airflow.models.dag import _run_inline_trigger
from airflow.models.taskinstance import clear_task_instances
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunType

_runner = None


def _prepare():
    global _runner
    if _runner is None:
        _runner = SchedulerJobRunner(Job())
    return _runner


def dag_ids(path):
    bag = DagBag(path, include_examples=False, read_dags_from_db=False)
    assert not bag.import_errors, bag.import_errors
    return sorted(dag_id for dag_id, dag in bag.dags.items() if dag.parent_dag is None)


class Airflow:
    def __init__(self, dag_id, path):
        self.dag_id = dag_id
        self.runner = _prepare()
        self.load(path)

    def load(self, path):
        bag = DagBag(path, include_examples=False, read_dags_from_db=False)
        assert not bag.import_errors, bag.import_errors
        self.dag = bag.dags[self.dag_id]
        bag.sync_to_db()
        self.runner.dagbag = DagBag(read_dags_from_db=True, load_op_links=False)

    def make(self, run_id, date):
        with create_session() as session:
            dag = self.runner.dagbag.get_dag(self.dag_id, session=session)
            date = pendulum.instance(date)
            dag.create_dagrun(
                run_id=run_id,
                execution_date=date,
                data_interval=dag.timetable.infer_manual_data_interval(run_after=date),
                run_type=DagRunType.MANUAL,
                external_trigger=True,
                state=DagRunState.QUEUED,
                session=session,
            )

    def _runs(self, session):
        query = select(DagRun).where(DagRun.dag_id == self.dag_id)
        return session.scalars(query.order_by(DagRun.execution_date)).all()

    def look(self):
        with create_session() as session:
            for run in self._runs(session):
                if run.state == DagRunState.QUEUED:
                    run.state = DagRunState.RUNNING
                    run.start_date = pendulum.now("UTC")
                if run.state == DagRunState.RUNNING:
                    run.dag = self.runner.dagbag.get_dag(self.dag_id, session=session)
                    self.runner._verify_integrity_if_dag_changed(run, session)
                    ready, _ = run.update_state(session=session, execute_callbacks=False)
                    run.schedule_tis(ready, session)
                    session.commit()

    def _rows(self, session):
        query = select(TaskInstance).where(TaskInstance.dag_id == self.dag_id)
        return session.scalars(query).all()

    def states(self):
        with create_session() as session:
            found = {
                (row.run_id, row.task_id, row.map_index, row.try_number): row.state
                for row in self._rows(session)
            }
            found |= {run.run_id: run.state for run in self._runs(session)}
            return found

    def run_states(self):
        with create_session() as session:
            return {run.run_id: str(run.state) for run in self._runs(session)}

    def ready(self):
        return [key for key, state in self.states().items() if state == TaskInstanceState.SCHEDULED]

    def skip(self):
        """Let the time of what waits have come. False if nothing does."""
        with create_session() as session:
            for row in self._rows(session):
                if row.state == TaskInstanceState.UP_FOR_RETRY:
                    row.end_date -= timedelta(days=30)
                    return True
                if row.state == TaskInstanceState.UP_FOR_RESCHEDULE:
                    own = (
                        TaskReschedule.dag_id == row.dag_id,
                        TaskReschedule.run_id == row.run_id,
                        TaskReschedule.task_id == row.task_id,
                        TaskReschedule.map_index == row.map_index,
                    )
                    last = session.scalars(
                        select(TaskReschedule).where(*own).order_by(TaskReschedule.id.desc())
                    ).first()
                    last.reschedule_date = pendulum.now("UTC")
                    return True
        return False

    def execute(self, key):
        run_id, task_id, map_index, _ = key
        with create_session() as session:
            row = session.scalars(
                select(TaskInstance).where(
                    TaskInstance.dag_id == self.dag_id,
                    TaskInstance.run_id == run_id,
                    TaskInstance.task_id == task_id,
                    TaskInstance.map_index == map_index,
                )
            ).one()
            row.task = self.dag.get_task(task_id)
            while True:
                try:
                    row._run_raw_task(session=session, raise_on_defer=True)
                    return
                except TaskDeferred as deferred:
                    event = _run_inline_trigger(deferred.trigger)
                    row.next_method = deferred.method_name
                    row.next_kwargs = {"event": event.payload} if event else deferred.kwargs
                session.merge(row)
                session.commit()

    def clear(self, run_id, task_ids, downstream):
        with create_session() as session:
            dag = self.runner.dagbag.get_dag(self.dag_id, session=session)
            (run,) = [run for run in self._runs(session) if run.run_id == run_id]
            part = dag.partial_subset(
                task_ids_or_regex=task_ids, include_downstream=downstream, include_upstream=False
            )
            chosen = list(part.task_dict) if downstream else task_ids
            rows = dag.clear(
                start_date=run.execution_date,
                end_date=run.execution_date,
                task_ids=chosen,
                dry_run=True,
                session=session,
            )
            clear_task_instances(list(rows), session, dag, DagRunState.QUEUED)

    def result(self):
        answer = {}
        with create_session() as session:
            for run in self._runs(session):
                answer[run.run_id] = {"state": str(run.state), "tasks": {}, "xcoms": {}}
            for row in self._rows(session):
                name = row.task_id if row.map_index < 0 else f"{row.task_id}[{row.map_index}]"
                answer[row.run_id]["tasks"][name] = "none" if row.state is None else str(row.state)
            own = XCom.key != "skipmixin_key"
            query = select(XCom).where(XCom.dag_id == self.dag_id, own)
            for row in session.scalars(query):
                name = row.task_id if row.map_index < 0 else f"{row.task_id}[{row.map_index}]"
                answer[row.run_id]["xcoms"][f"{name} {row.key}"] = row.value
        return answer
