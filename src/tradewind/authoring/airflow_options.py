"""Options of Airflow that Tradewind does not have and provider packages ask for, with their defaults.

A log handler asks how logs are kept, a hook whether Kerberos is on, a notifier who sends mail: they
take what Airflow says by default, unless the environment says otherwise.
"""

DEFAULTS: dict[tuple[str, str], str | None] = {
    ("core", "default_impersonation"): "",
    ("core", "hostname_callable"): "airflow.utils.net.getfqdn",
    ("core", "multi_team"): "False",
    ("core", "security"): "",
    ("core", "unit_test_mode"): "False",
    ("dag_processor", "stale_bundle_cleanup_interval"): "1800",
    ("database", "sql_alchemy_conn"): "airflow-db-not-allowed:///",  # as in tasks of Airflow
    ("email", "default_email_on_failure"): "True",
    ("email", "default_email_on_retry"): "True",
    ("email", "email_backend"): "airflow.utils.email.send_email_smtp",
    ("email", "email_conn_id"): "smtp_default",
    ("email", "from_email"): None,
    ("email", "html_content_template"): None,
    ("email", "ssl_context"): "default",
    ("email", "subject_template"): None,
    ("kerberos", "ccache"): "/tmp/airflow_krb5_ccache",  # noqa: S108
    ("kerberos", "forwardable"): "True",
    ("kerberos", "include_ip"): "True",
    ("kerberos", "keytab"): "airflow.keytab",
    ("kerberos", "kinit_path"): "kinit",
    ("kerberos", "principal"): "airflow",
    ("kerberos", "reinit_frequency"): "3600",
    ("logging", "celery_logging_level"): "",
    ("logging", "celery_stdout_stderr_separation"): "False",
    ("logging", "delete_local_logs"): "False",
    ("logging", "encrypt_s3_logs"): "False",
    ("logging", "google_key_path"): "",
    ("logging", "remote_base_log_folder"): "",
    ("logging", "remote_log_conn_id"): "",
    ("logging", "remote_logging"): "False",
    ("logging", "remote_task_handler_kwargs"): "",
    ("scheduler", "scheduler_health_check_threshold"): "30",
    ("scheduler", "task_instance_heartbeat_timeout"): "300",
    ("smtp", "smtp_host"): "localhost",
    ("smtp", "smtp_mail_from"): "airflow@example.com",
    ("smtp", "smtp_port"): "25",
    ("smtp", "smtp_retry_limit"): "5",
    ("smtp", "smtp_ssl"): "False",
    ("smtp", "smtp_starttls"): "True",
    ("smtp", "smtp_timeout"): "30",
}
