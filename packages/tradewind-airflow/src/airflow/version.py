"""The version of Airflow whose names these are."""

from airflow import __version__

version = __version__
