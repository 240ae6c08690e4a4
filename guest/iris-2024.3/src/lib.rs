//! The rules component for InterSystems IRIS 2024.3.

pgiris_rules::component!(pgiris_rules::version::iris_2024_3::Iris2024_3);
