"""How Airflow 3.3 is made to run a DAG step by step."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pendulum
from sqlalchemy import select

from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.dagbag import DBDagBag
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import (
    TaskInstance,
    clear_task_instances,
    find_relevant_relatives,
)
from airflow.models.taskreschedule import TaskReschedule
from airflow.models.xcom import XComModel
from airflow.sdk._shared.module_loading import import_string
from airflow.sdk.api.datamodels._generated import TaskInstance as Instance
from airflow.sdk.execution_time.comms import DeferTask
from airflow.sdk.execution_time.supervisor import InProcessTestSupervisor, run_task_in_process
from airflow.sdk.serde import deserialize, serialize
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType

BUNDLE = "dags-folder"
_manager = None
_runner = None


def _prepare():
    global _manager, _runner
    if _manager is None:
        _manager = DagBundlesManager()
        _manager.sync_bundles_to_db()
        _runner = SchedulerJobRunner(Job(), executors=[])
    return _runner


def dag_ids(path):
    bag = BundleDagBag(dag_folder=path, bundle_path=Path(path).parent, bundle_name=BUNDLE)
    assert not bag.import_errors, bag.import_errors
    return sorted(bag.dags)


class Airflow:
    def __init__(self, dag_id, path):
        self.dag_id = dag_id
        self.runner = _prepare()
        self.load(path)

    def load(self, path):
        bag = BundleDagBag(dag_folder=path, bundle_path=Path(path).parent, bundle_name=BUNDLE)
        assert not bag.import_errors, bag.import_errors
        self.dag = bag.dags[self.dag_id]
        sync_bag_to_db(bag, BUNDLE, None)
        self.runner.scheduler_dag_bag = DBDagBag(load_op_links=False)

    def make(self, run_id, date):
        with create_session() as session:
            dag = self.runner.scheduler_dag_bag.get_latest_version_of_dag(
                self.dag_id, session=session
            )
            date = pendulum.instance(date)
            dag.create_dagrun(
                run_id=run_id,
                logical_date=date,
                data_interval=dag.timetable.infer_manual_data_interval(run_after=date),
                run_after=date,
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.TEST,
                state=DagRunState.QUEUED,
                session=session,
            )

    def _runs(self, session):
        query = select(DagRun).where(DagRun.dag_id == self.dag_id).order_by(DagRun.logical_date)
        return session.scalars(query).all()

    def look(self):
        with create_session() as session:
            for run in self._runs(session):
                if run.state == DagRunState.QUEUED:
                    run.state = DagRunState.RUNNING
                    run.start_date = pendulum.now("UTC")
                if run.state == DagRunState.RUNNING:
                    self.runner._schedule_dag_run(run, session)
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

    def execute(self, key):
        run_id, task_id, map_index, _ = key
        with create_session() as session:
            row = TaskInstance.get_task_instance(
                dag_id=self.dag_id,
                run_id=run_id,
                task_id=task_id,
                map_index=map_index,
                session=session,
            )
            row.state = TaskInstanceState.QUEUED
            session.commit()
            instance = Instance(
                id=UUID(str(row.id)),
                task_id=task_id,
                dag_id=self.dag_id,
                run_id=run_id,
                try_number=row.try_number,
                map_index=map_index,
                dag_version_id=UUID(str(row.dag_version_id)),
            )
        ended = run_task_in_process(ti=instance, task=self.dag.task_dict[task_id])
        if isinstance(ended.msg, DeferTask):
            self._resume(instance, ended.msg)

    def _resume(self, instance, deferred):
        """Have the trigger run here and now, and the task go on with what it says."""
        trigger = import_string(deferred.classpath)(**deserialize(deferred.trigger_kwargs))
        event = InProcessTestSupervisor.run_trigger_in_process(trigger=trigger, ti=instance)
        with create_session() as session:
            row = session.get(TaskInstance, instance.id)
            row.next_method = deferred.next_method
            row.next_kwargs = {"event": serialize(event.payload)} if event else deferred.next_kwargs
            row.trigger_id = None
            row.state = TaskInstanceState.SCHEDULED

    def skip(self):
        """Let the time of what waits have come. False if nothing does."""
        with create_session() as session:
            for row in self._rows(session):
                if row.state == TaskInstanceState.UP_FOR_RETRY:
                    row.end_date -= timedelta(days=30)
                    return True
                if row.state == TaskInstanceState.UP_FOR_RESCHEDULE:
                    query = select(TaskReschedule).where(TaskReschedule.ti_id == row.id)
                    last = session.scalars(query.order_by(TaskReschedule.id.desc())).first()
                    last.reschedule_date = pendulum.now("UTC")
                    return True
        return False

    def clear(self, run_id, task_ids, downstream):
        with create_session() as session:
            dag = self.runner.scheduler_dag_bag.get_latest_version_of_dag(
                self.dag_id, session=session
            )
            chosen = set(task_ids)
            if downstream:
                found = find_relevant_relatives(
                    chosen, set(), dag=dag, run_id=run_id, direction="downstream", session=session
                )
                chosen |= {one if isinstance(one, str) else one[0] for one in found}
            rows = dag.clear(dry_run=True, task_ids=sorted(chosen), run_id=run_id, session=session)
            clear_task_instances(list(rows), session, DagRunState.QUEUED)

    def result(self):
        answer = {}
        with create_session() as session:
            for run in self._runs(session):
                answer[run.run_id] = {"state": str(run.state), "tasks": {}, "xcoms": {}}
            for row in self._rows(session):
                name = row.task_id if row.map_index < 0 else f"{row.task_id}[{row.map_index}]"
                state = "none" if row.state is None else str(getattr(row.state, "value", row.state))
                answer[row.run_id]["tasks"][name] = state
            own = XComModel.key != "skipmixin_key"
            query = select(XComModel).where(XComModel.dag_id == self.dag_id, own)
            for row in session.scalars(query):
                name = row.task_id if row.map_index < 0 else f"{row.task_id}[{row.map_index}]"
                value = XComModel.deserialize_value(row)
                answer[row.run_id]["xcoms"][f"{name} {row.key}"] = value
        return answer
