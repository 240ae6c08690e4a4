//! PostgreSQL SQL in, the SQL of one InterSystems IRIS version out.
