//! The rules component for InterSystems IRIS 2024.1.

pgiris_rules::component!(pgiris_rules::version::iris_2024_1::Iris2024_1);
