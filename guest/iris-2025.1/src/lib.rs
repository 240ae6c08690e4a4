//! The rules component for InterSystems IRIS 2025.1.

pgiris_rules::component!(pgiris_rules::version::iris_2025_1::Iris2025_1);
