"""What the suite may ask for, for the database that it is run against."""

from importlib import import_module

from target import BACKEND

Requirements = import_module(f"requirements.{BACKEND}").Requirements
