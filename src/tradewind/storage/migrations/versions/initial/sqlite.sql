CREATE TABLE asset (
	id INTEGER NOT NULL,
	name VARCHAR(1500) NOT NULL,
	uri VARCHAR(1500) NOT NULL,
	"group" VARCHAR(1500) NOT NULL,
	extra TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	CONSTRAINT pk_asset PRIMARY KEY (id),
	CONSTRAINT uq_asset_name_uri UNIQUE (name, uri)
);

CREATE TABLE asset_alias (
	id INTEGER NOT NULL,
	name VARCHAR(1500) NOT NULL,
	"group" VARCHAR(1500) NOT NULL,
	CONSTRAINT pk_asset_alias PRIMARY KEY (id),
	CONSTRAINT uq_asset_alias_name UNIQUE (name)
);

CREATE TABLE asset_alias_member (
	alias VARCHAR(1500) NOT NULL,
	name VARCHAR(1500) NOT NULL,
	uri VARCHAR(1500) NOT NULL,
	CONSTRAINT pk_asset_alias_member PRIMARY KEY (alias, name, uri)
);

CREATE TABLE asset_event (
	id BIGINT NOT NULL,
	name VARCHAR(1500) NOT NULL,
	uri VARCHAR(1500) NOT NULL,
	at BIGINT NOT NULL,
	extra TEXT NOT NULL,
	aliases TEXT NOT NULL,
	dag_id VARCHAR(250),
	run_id VARCHAR(250),
	task_id VARCHAR(250),
	map_index INTEGER NOT NULL,
	CONSTRAINT pk_asset_event PRIMARY KEY (id)
);

CREATE INDEX ix_asset_event_asset ON asset_event (name, id);

CREATE INDEX ix_asset_event_run ON asset_event (dag_id, run_id);

CREATE TABLE asset_event_run (
	dag_id VARCHAR(250) NOT NULL,
	run_id VARCHAR(250) NOT NULL,
	event_id BIGINT NOT NULL,
	CONSTRAINT pk_asset_event_run PRIMARY KEY (dag_id, run_id, event_id)
);

CREATE INDEX ix_asset_event_run_event_id ON asset_event_run (event_id);

CREATE TABLE asset_queue (
	dag_id VARCHAR(250) NOT NULL,
	event_id BIGINT NOT NULL,
	name VARCHAR(1500) NOT NULL,
	uri VARCHAR(1500) NOT NULL,
	at BIGINT NOT NULL,
	CONSTRAINT pk_asset_queue PRIMARY KEY (dag_id, event_id)
);

CREATE TABLE asset_reference (
	dag_id VARCHAR(250) NOT NULL,
	number INTEGER NOT NULL,
	kind VARCHAR(10) NOT NULL,
	task_id VARCHAR(250),
	name VARCHAR(1500),
	uri VARCHAR(1500),
	alias VARCHAR(1500),
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_asset_reference PRIMARY KEY (dag_id, number)
);

CREATE INDEX ix_asset_reference_name ON asset_reference (name);

CREATE TABLE backfill (
	id INTEGER NOT NULL,
	dag_id VARCHAR(250) NOT NULL,
	from_date BIGINT NOT NULL,
	to_date BIGINT NOT NULL,
	max_active_runs INTEGER NOT NULL,
	reprocess_behavior VARCHAR(20) NOT NULL,
	run_backwards BOOLEAN NOT NULL,
	conf TEXT NOT NULL,
	is_paused BOOLEAN NOT NULL,
	ignore_dag_pause BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	completed_at BIGINT,
	next_ordinal INTEGER NOT NULL,
	cursor BIGINT,
	all_made BOOLEAN NOT NULL,
	CONSTRAINT pk_backfill PRIMARY KEY (id)
);

CREATE TABLE bell (
	address TEXT NOT NULL,
	topic VARCHAR(30) NOT NULL,
	owner VARCHAR(100) NOT NULL,
	CONSTRAINT pk_bell PRIMARY KEY (address, topic)
);

CREATE TABLE command_outcome (
	id VARCHAR(36) NOT NULL,
	applied BOOLEAN NOT NULL,
	status INTEGER NOT NULL,
	result TEXT NOT NULL,
	reason TEXT NOT NULL,
	answered_at BIGINT NOT NULL,
	CONSTRAINT pk_command_outcome PRIMARY KEY (id)
);

CREATE TABLE component (
	id VARCHAR(100) NOT NULL,
	kind VARCHAR(30) NOT NULL,
	hostname VARCHAR(250) NOT NULL,
	pid INTEGER NOT NULL,
	started_at BIGINT NOT NULL,
	heartbeat_at BIGINT NOT NULL,
	problem TEXT,
	queues TEXT DEFAULT '[]' NOT NULL,
	CONSTRAINT pk_component PRIMARY KEY (id)
);

CREATE TABLE connection (
	conn_id VARCHAR(250) NOT NULL,
	conn_type VARCHAR(500) NOT NULL,
	description TEXT,
	host VARCHAR(500),
	schema VARCHAR(500),
	login TEXT,
	port INTEGER,
	password TEXT,
	extra TEXT,
	CONSTRAINT pk_connection PRIMARY KEY (conn_id)
);

CREATE TABLE dag (
	dag_id VARCHAR(250) NOT NULL,
	fileloc TEXT NOT NULL,
	relative_fileloc TEXT NOT NULL,
	bundle_name VARCHAR(250) DEFAULT 'dags-folder' NOT NULL,
	version INTEGER NOT NULL,
	code_hash VARCHAR(64) NOT NULL,
	is_stale BOOLEAN NOT NULL,
	last_parsed_time BIGINT NOT NULL,
	last_parse_duration FLOAT,
	display_name TEXT NOT NULL,
	description TEXT,
	owners TEXT NOT NULL,
	timetable_summary TEXT,
	timetable_description TEXT,
	max_active_tasks INTEGER NOT NULL,
	max_active_runs INTEGER NOT NULL,
	has_import_errors BOOLEAN NOT NULL,
	is_paused BOOLEAN NOT NULL,
	CONSTRAINT pk_dag PRIMARY KEY (dag_id)
);

CREATE INDEX ix_dag_fileloc ON dag (fileloc);

CREATE TABLE dag_run (
	dag_id VARCHAR(250) NOT NULL,
	run_id VARCHAR(250) NOT NULL,
	run_type VARCHAR(30) NOT NULL,
	state VARCHAR(20) NOT NULL,
	version INTEGER NOT NULL,
	run_after BIGINT NOT NULL,
	logical_date BIGINT,
	data_interval_start BIGINT,
	data_interval_end BIGINT,
	queued_at BIGINT,
	start_date BIGINT,
	end_date BIGINT,
	conf TEXT NOT NULL,
	triggered_by VARCHAR(30) NOT NULL,
	triggering_user_name VARCHAR(250),
	note TEXT,
	backfill_id INTEGER,
	sort_ordinal INTEGER,
	clear_number INTEGER NOT NULL,
	CONSTRAINT pk_dag_run PRIMARY KEY (dag_id, run_id),
	CONSTRAINT ck_dag_run_state_known CHECK (state IN ('queued', 'running', 'success', 'failed')),
	CONSTRAINT ck_dag_run_run_type_known CHECK (run_type IN ('scheduled', 'manual', 'backfill', 'operator_triggered', 'asset_triggered', 'asset_materialization')),
	CONSTRAINT uq_dag_run_dag_id_logical_date UNIQUE (dag_id, logical_date),
	CONSTRAINT ck_dag_run_end_date_when_finished CHECK (end_date IS NULL OR state IN ('failed', 'success'))
);

CREATE INDEX ix_dag_run_end_date ON dag_run (end_date) WHERE end_date IS NOT NULL;

CREATE INDEX ix_dag_run_of_dag ON dag_run (dag_id, run_after);

CREATE INDEX ix_dag_run_run_after ON dag_run (run_after);

CREATE INDEX ix_dag_run_state ON dag_run (state, run_after);

CREATE TABLE dag_schedule (
	dag_id VARCHAR(250) NOT NULL,
	last_run_after BIGINT,
	last_interval_start BIGINT,
	last_interval_end BIGINT,
	next_run_after BIGINT,
	next_interval_start BIGINT,
	next_interval_end BIGINT,
	CONSTRAINT pk_dag_schedule PRIMARY KEY (dag_id)
);

CREATE TABLE dag_tag (
	dag_id VARCHAR(250) NOT NULL,
	name VARCHAR(100) NOT NULL,
	CONSTRAINT pk_dag_tag PRIMARY KEY (dag_id, name)
);

CREATE TABLE dag_version (
	dag_id VARCHAR(250) NOT NULL,
	version INTEGER NOT NULL,
	"plan" TEXT NOT NULL,
	plan_hash VARCHAR(64) NOT NULL,
	code_hash VARCHAR(64) NOT NULL,
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_dag_version PRIMARY KEY (dag_id, version)
);

CREATE TABLE event_log (
	id INTEGER NOT NULL,
	at BIGINT NOT NULL,
	kind VARCHAR(10) NOT NULL,
	run BIGINT,
	dag_id VARCHAR(250),
	run_id VARCHAR(250),
	task_id VARCHAR(250),
	map_index INTEGER,
	state VARCHAR(20),
	try_number INTEGER,
	max_tries INTEGER,
	token VARCHAR(60),
	due_at BIGINT,
	facts TEXT,
	reason TEXT NOT NULL,
	folded BLOB,
	CONSTRAINT pk_event_log PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ix_event_log_made ON event_log (dag_id, run_id) WHERE run_id IS NOT NULL;

CREATE INDEX ix_event_log_run ON event_log (run) WHERE run IS NOT NULL;

CREATE TABLE hitl_detail (
	dag_id VARCHAR(250) NOT NULL,
	run_id VARCHAR(250) NOT NULL,
	task_id VARCHAR(250) NOT NULL,
	map_index INTEGER NOT NULL,
	try_number INTEGER NOT NULL,
	token VARCHAR(60) NOT NULL,
	subject TEXT NOT NULL,
	body TEXT,
	options TEXT NOT NULL,
	defaults TEXT NOT NULL,
	multiple BOOLEAN NOT NULL,
	params TEXT NOT NULL,
	assigned_users TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	responded_at BIGINT,
	responded_by_id TEXT,
	responded_by_name TEXT,
	chosen_options TEXT NOT NULL,
	params_input TEXT NOT NULL,
	CONSTRAINT pk_hitl_detail PRIMARY KEY (dag_id, run_id, task_id, map_index, try_number)
);

CREATE INDEX ix_hitl_detail_token ON hitl_detail (token);

CREATE TABLE import_error (
	id INTEGER NOT NULL,
	filename TEXT NOT NULL,
	bundle_name VARCHAR(250) DEFAULT 'dags-folder' NOT NULL,
	timestamp BIGINT NOT NULL,
	stack_trace TEXT NOT NULL,
	CONSTRAINT pk_import_error PRIMARY KEY (id),
	CONSTRAINT uq_import_error_filename UNIQUE (filename)
);

CREATE TABLE inbox (
	sequence INTEGER NOT NULL,
	id VARCHAR(36) NOT NULL,
	kind VARCHAR(30) NOT NULL,
	command TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	done INTEGER,
	CONSTRAINT pk_inbox PRIMARY KEY (sequence),
	CONSTRAINT uq_inbox_id UNIQUE (id)
);

CREATE TABLE leader (
	id INTEGER NOT NULL,
	epoch BIGINT NOT NULL,
	holder VARCHAR(250),
	expires_at BIGINT,
	CONSTRAINT pk_leader PRIMARY KEY (id),
	CONSTRAINT ck_leader_one_row CHECK (id = 1)
);

CREATE TABLE pool (
	name VARCHAR(256) NOT NULL,
	slots INTEGER NOT NULL,
	description TEXT,
	include_deferred BOOLEAN NOT NULL,
	CONSTRAINT pk_pool PRIMARY KEY (name),
	CONSTRAINT ck_pool_slots_at_least_minus_1 CHECK (slots >= -1)
);

CREATE TABLE rendered_fields (
	dag_id VARCHAR(250) NOT NULL,
	run_id VARCHAR(250) NOT NULL,
	task_id VARCHAR(250) NOT NULL,
	map_index INTEGER NOT NULL,
	fields TEXT NOT NULL,
	CONSTRAINT pk_rendered_fields PRIMARY KEY (dag_id, run_id, task_id, map_index)
);

CREATE TABLE source (
	code_hash VARCHAR(64) NOT NULL,
	fileloc TEXT NOT NULL,
	source_code TEXT NOT NULL,
	inputs TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_source PRIMARY KEY (code_hash)
);

CREATE TABLE source_module (
	fingerprint VARCHAR(64) NOT NULL,
	source_code TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_source_module PRIMARY KEY (fingerprint)
);

CREATE TABLE task_instance (
	dag_id VARCHAR(250) NOT NULL,
	run_id VARCHAR(250) NOT NULL,
	task_id VARCHAR(250) NOT NULL,
	map_index INTEGER NOT NULL,
	state VARCHAR(20) NOT NULL,
	try_number INTEGER NOT NULL,
	max_tries INTEGER NOT NULL,
	token VARCHAR(60),
	scheduled_at BIGINT,
	queued_at BIGINT,
	start_date BIGINT,
	end_date BIGINT,
	due_at BIGINT,
	reschedules INTEGER NOT NULL,
	code_hash VARCHAR(64),
	hostname VARCHAR(250),
	pid INTEGER,
	cpu_s FLOAT,
	max_rss_kib BIGINT,
	exit_reason TEXT,
	map_length INTEGER,
	rendered_map_index TEXT,
	operator VARCHAR(250) NOT NULL,
	pool VARCHAR(256) NOT NULL,
	pool_slots INTEGER NOT NULL,
	queue VARCHAR(256) NOT NULL,
	executor VARCHAR(250),
	priority_weight INTEGER NOT NULL,
	CONSTRAINT pk_task_instance PRIMARY KEY (dag_id, run_id, task_id, map_index),
	CONSTRAINT ck_task_instance_state_known CHECK (state IN ('none', 'scheduled', 'queued', 'running', 'success', 'restarting', 'failed', 'up_for_retry', 'up_for_reschedule', 'upstream_failed', 'skipped', 'deferred', 'awaiting_input', 'removed'))
);

CREATE INDEX ix_task_instance_state ON task_instance (state);

CREATE TABLE task_instance_history (
	dag_id VARCHAR(250) NOT NULL,
	run_id VARCHAR(250) NOT NULL,
	task_id VARCHAR(250) NOT NULL,
	map_index INTEGER NOT NULL,
	state VARCHAR(20) NOT NULL,
	try_number INTEGER NOT NULL,
	max_tries INTEGER NOT NULL,
	token VARCHAR(60),
	scheduled_at BIGINT,
	queued_at BIGINT,
	start_date BIGINT,
	end_date BIGINT,
	due_at BIGINT,
	reschedules INTEGER NOT NULL,
	code_hash VARCHAR(64),
	hostname VARCHAR(250),
	pid INTEGER,
	cpu_s FLOAT,
	max_rss_kib BIGINT,
	exit_reason TEXT,
	map_length INTEGER,
	rendered_map_index TEXT,
	operator VARCHAR(250) NOT NULL,
	pool VARCHAR(256) NOT NULL,
	pool_slots INTEGER NOT NULL,
	queue VARCHAR(256) NOT NULL,
	executor VARCHAR(250),
	priority_weight INTEGER NOT NULL,
	CONSTRAINT pk_task_instance_history PRIMARY KEY (dag_id, run_id, task_id, map_index, try_number)
);

CREATE TABLE task_note (
	dag_id VARCHAR(250) NOT NULL,
	run_id VARCHAR(250) NOT NULL,
	task_id VARCHAR(250) NOT NULL,
	map_index INTEGER NOT NULL,
	note TEXT NOT NULL,
	CONSTRAINT pk_task_note PRIMARY KEY (dag_id, run_id, task_id, map_index)
);

CREATE TABLE timetable_question (
	dag_id VARCHAR(250) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	question TEXT NOT NULL,
	asked_at BIGINT NOT NULL,
	CONSTRAINT pk_timetable_question PRIMARY KEY (dag_id, digest)
);

CREATE TABLE user_account (
	username VARCHAR(250) NOT NULL,
	password_hash TEXT NOT NULL,
	role VARCHAR(20) NOT NULL,
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_user_account PRIMARY KEY (username)
);

CREATE TABLE variable (
	"key" VARCHAR(250) NOT NULL,
	value TEXT NOT NULL,
	description TEXT,
	CONSTRAINT pk_variable PRIMARY KEY ("key")
);

CREATE TABLE waiting (
	dag_id VARCHAR(250) NOT NULL,
	run_id VARCHAR(250) NOT NULL,
	task_id VARCHAR(250) NOT NULL,
	map_index INTEGER NOT NULL,
	trigger_id VARCHAR(60),
	classpath TEXT,
	kwargs TEXT NOT NULL,
	queue VARCHAR(256),
	created_at BIGINT NOT NULL,
	timeout_at BIGINT,
	at BIGINT,
	word TEXT NOT NULL,
	method TEXT NOT NULL,
	method_kwargs TEXT NOT NULL,
	CONSTRAINT pk_waiting PRIMARY KEY (dag_id, run_id, task_id, map_index)
);

CREATE UNIQUE INDEX ix_waiting_trigger_id ON waiting (trigger_id);

CREATE TABLE xcom (
	dag_id VARCHAR(250) NOT NULL,
	run_id VARCHAR(250) NOT NULL,
	task_id VARCHAR(250) NOT NULL,
	map_index INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	value TEXT NOT NULL,
	timestamp BIGINT NOT NULL,
	CONSTRAINT pk_xcom PRIMARY KEY (dag_id, run_id, task_id, map_index, "key")
);

CREATE INDEX ix_xcom_choice ON xcom (dag_id, run_id) WHERE key = 'skipmixin_key';
