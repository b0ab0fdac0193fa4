"""How Airflow 3.3 is asked; it needs no database."""

import uuid

import pendulum
from words import shown, text

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.api.datamodels._generated import DagRun, TIRunContext
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import DagRunInfo
from airflow.utils.types import DagRunType


class Airflow:
    def __init__(self, path):
        bag = DagBag(path)
        assert not bag.import_errors, bag.import_errors
        (self.sdk_dag,) = bag.dags.values()
        data = DagSerialization.to_dict(self.sdk_dag)
        self.dag = DagSerialization.from_dict(data)

    def next(self, last):
        return self.dag.next_dagrun_info(last_automated_run_info=last)

    def between(self, start, end):
        return list(self.dag.iter_dagrun_infos_between(start, end))

    def make(self, info):
        run_id = self.dag.timetable.generate_run_id(
            run_type=DagRunType.SCHEDULED,
            run_after=info.run_after,
            data_interval=info.data_interval,
        )
        return {"run_id": run_id, "shown": self._shown(run_id, "scheduled", info)}

    def trigger(self):
        now = pendulum.now("UTC").replace(microsecond=0)
        interval = self.dag.timetable.infer_manual_data_interval(run_after=now)
        run_id = DagRunType.MANUAL.generate_run_id(suffix=now.isoformat())
        info = DagRunInfo(
            run_after=now, data_interval=interval, partition_date=None, partition_key=None
        )
        return {
            "logical_date": text(now),
            "start": text(interval.start) if interval else None,
            "end": text(interval.end) if interval else None,
            "run_id": run_id,
            "shown": self._shown(run_id, "manual", info, now),
        }

    def _shown(self, run_id, run_type, info, logical_date=None):
        interval = info.data_interval
        run = DagRun(
            dag_id=self.dag.dag_id,
            run_id=run_id,
            logical_date=logical_date or info.logical_date,
            data_interval_start=interval.start if interval else None,
            data_interval_end=interval.end if interval else None,
            run_after=info.run_after,
            start_date=info.run_after,
            run_type=run_type,
            state="running",
            end_date=None,
            conf=None,
            consumed_asset_events=[],
            partition_key=None,
        )
        task = self.sdk_dag.get_task("t")
        begin, end, date = task.start_date, task.end_date, logical_date or info.logical_date
        if date is not None and ((begin and date < begin) or (end and date > end)):
            return {}  # the scheduler makes no task instance
        instance = RuntimeTaskInstance.model_construct(
            id=uuid.uuid4(),
            task_id="t",
            dag_id=self.dag.dag_id,
            run_id=run_id,
            try_number=1,
            map_index=-1,
            task=task,
            _ti_context_from_server=TIRunContext(dag_run=run, max_tries=0, should_retry=False),
            max_tries=0,
            start_date=info.run_after,
        )
        context = instance.get_template_context()
        template = task.bash_command
        return shown(task.render_template(template, context))
