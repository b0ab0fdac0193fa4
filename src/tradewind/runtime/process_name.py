"""What `ps` shows: `tradewind: supervisor`, `tradewind: zygote FILE`, `tradewind: task DAG.TASK`."""

import setproctitle


def set_process_name(what: str) -> None:
    """Show this process as `tradewind: WHAT`."""
    setproctitle.setproctitle(f"tradewind: {what}")
