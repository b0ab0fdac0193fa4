"""The same kind of pipeline in three spellings, as tutorials for Airflow write them."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.decorators import dag, task
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

# 1. A context manager and operators, wired with >> and lists.
with DAG(
    "spelling_context_manager",
    default_args={"retries": 1},
    schedule=timedelta(days=1),
    start_date=datetime(2023, 1, 1),
    catchup=False,
    tags=["example"],
) as by_context:
    task1 = BashOperator(task_id="print_date", bash_command="date")
    task2 = BashOperator(task_id="load_table", bash_command="echo loading for {{ ds }}")
    task3 = BashOperator(task_id="report", bash_command="echo done")
    task1 >> [task2, task3]


# 2. dag=, with values pushed and pulled by key.
by_argument = DAG(
    "spelling_dag_argument", start_date=datetime(2023, 1, 1), schedule=None, tags=["example"]
)


def train_model(ti):
    ti.xcom_push(key="model_path", value="/models/latest.pt")


def deploy_model(ti):
    model_path = ti.xcom_pull(key="model_path", task_ids="train_model")
    print(f"deploying {model_path}")


train_model_task = PythonOperator(
    task_id="train_model", python_callable=train_model, dag=by_argument
)
deploy_model_task = PythonOperator(
    task_id="deploy_model", python_callable=deploy_model, dag=by_argument
)
train_model_task >> deploy_model_task


# 3. Decorated functions: calls imply both the order and the values.
@dag(
    dag_id="spelling_decorators",
    start_date=datetime(2023, 1, 1),
    schedule_interval="@daily",
    catchup=False,
    tags=["example"],
)
def mlops():
    @task
    def load_data():
        return [3, 1, 2]

    @task
    def preprocessing(data):
        return sorted(data)

    @task
    def fit(data):
        print(f"fitting {data}")

    fit(preprocessing(load_data()))


by_decorator = mlops()
