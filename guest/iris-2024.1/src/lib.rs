//! The rules component for InterSystems IRIS 2024.1.
