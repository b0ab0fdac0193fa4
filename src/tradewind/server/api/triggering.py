"""From a trigger request to the command for the scheduler."""

from tradewind.model.commands import TriggerRun
from tradewind.model.errors import UserError
from tradewind.model.states import RunType
from tradewind.server.api.finding import the_plan
from tradewind.server.api.schemas.runs import TriggerDAGRunPostBody
from tradewind.server.auth.access import User
from tradewind.server.run_requests import check_conf, check_run_id, manual_run_id
from tradewind.server.services import Services


def trigger_command(
    here: Services,
    user: User,
    dag_id: str,
    body: TriggerDAGRunPostBody,
    run_type: RunType = RunType.MANUAL,
) -> TriggerRun:
    """The command, checked as far as it can be here. Raises NotFound or UserError."""
    with here.database.read() as conn:
        row, plan = the_plan(conn, dag_id)
    if row.has_import_errors:
        raise UserError(f"DAG {dag_id!r} has import errors; see GET /api/v2/importErrors")
    if body.partition_key is not None:
        raise UserError(f"DAG {dag_id!r} is not partitioned: leave partition_key out")
    if body.dag_run_id is not None:
        check_run_id(body.dag_run_id, here.settings.scheduler.allowed_run_id_pattern)
    conf = dict(body.conf or {})
    if here.settings.core.dag_run_conf_overrides_params:
        check_conf(plan, conf)
    run_after = body.run_after or body.logical_date or here.clock.now()
    return TriggerRun(
        dag_id=dag_id,
        run_id=body.dag_run_id or manual_run_id(plan, run_after, body.logical_date, run_type),
        run_after=run_after,
        logical_date=body.logical_date,
        data_interval_start=body.data_interval_start,
        data_interval_end=body.data_interval_end,
        conf=conf,
        note=body.note,
        triggered_by="rest_api",
        triggering_user_name=user.username,
        materializes=run_type is RunType.ASSET_MATERIALIZATION,
    )
