"""How Airflow 2.11 is asked; it keeps its runs in a database."""

from words import shown, text

from airflow.api.common.trigger_dag import _trigger_dag
from airflow.models import DagBag, DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, State
from airflow.utils.types import DagRunType


class Airflow:
    def __init__(self, path):
        bag = DagBag(path, include_examples=False, read_dags_from_db=False)
        assert not bag.import_errors, bag.import_errors
        (self.dag,) = bag.dags.values()
        self.bag = bag
        with create_session() as session:
            self.dag.sync_to_db(session=session)

    def next(self, last):
        return self.dag.next_dagrun_info(None if last is None else last.data_interval)

    def between(self, start, end):
        return list(self.dag.iter_dagrun_infos_between(start, end))

    def make(self, info):
        with self._session() as session:
            run = self.dag.create_dagrun(
                run_type=DagRunType.SCHEDULED,
                execution_date=info.logical_date,
                data_interval=info.data_interval,
                start_date=info.run_after,
                state=DagRunState.RUNNING,
                external_trigger=False,
                session=session,
            )
            return self._finish(run, session)

    def trigger(self):
        (made,) = _trigger_dag(self.dag.dag_id, self.bag)
        with self._session() as session:
            run = session.get(DagRun, made.id)
            run.dag = self.dag
            return {
                "logical_date": text(run.execution_date),
                "start": text(run.data_interval_start),
                "end": text(run.data_interval_end),
                **self._finish(run, session),
            }

    def _finish(self, run, session):
        instance = run.get_task_instance("t", session=session)
        if instance is None:
            run.state = State.SUCCESS
            session.merge(run)
            session.commit()
            return {"run_id": run.run_id, "shown": {}}
        task = self.dag.get_task("t")
        instance.refresh_from_task(task)
        instance.task = task.prepare_for_execution()
        context = instance.get_template_context(session=session)
        instance.render_templates(context=context)
        command = instance.task.bash_command
        instance.state = State.SUCCESS
        run.state = State.SUCCESS
        session.merge(run)
        session.commit()
        return {"run_id": run.run_id, "shown": shown(command)}

    @staticmethod
    def _session():
        return create_session()
