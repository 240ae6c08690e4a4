//! The rules component for InterSystems IRIS 2025.1.
