"""psycopg's async connection, and what lies between it and SQLAlchemy's sync code."""
