//! The rules component for InterSystems IRIS 2023.1.

pgiris_rules::component!(pgiris_rules::version::iris_2023_1::Iris2023_1);
