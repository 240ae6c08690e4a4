//! Makes a component of the rules for one version.

/// Exports the rules for a [`Version`](crate::Version) as a component.
///
/// ```text
/// pgiris_rules::component!(pgiris_rules::version::iris_2025_1::Iris2025_1);
/// ```
#[macro_export]
macro_rules! component {
    ($version:expr) => {
        struct Component;

        impl $crate::wit::Guest for Component {
            fn describe() -> $crate::wit::Manifest {
                $crate::describe(&$version)
            }

            fn translate(
                request: $crate::wit::Request,
            ) -> ::core::result::Result<
                ::std::vec::Vec<$crate::wit::Translation>,
                $crate::wit::Diagnostic,
            > {
                $crate::translate(&$version, &request)
            }

            fn map_types(
                types: ::std::vec::Vec<$crate::wit::IrisType>,
            ) -> ::std::vec::Vec<$crate::wit::PostgresType> {
                $crate::map_types(&types)
            }

            fn map_error(error: $crate::wit::UpstreamError) -> $crate::wit::Diagnostic {
                $crate::map_error(&error)
            }

            fn server_version(
                answer: ::std::string::String,
            ) -> ::core::option::Option<$crate::wit::IrisVersion> {
                $crate::server_version(&answer)
            }
        }

        impl $crate::wit::CatalogGuest for Component {
            type Snapshot = $crate::catalog::Held;

            fn metadata(
                _: $crate::wit::Context,
                known: ::std::vec::Vec<$crate::wit::MetadataRows>,
            ) -> ::std::vec::Vec<$crate::wit::MetadataQuery> {
                $crate::catalog::metadata(&known)
            }
        }

        impl $crate::wit::LiteralsGuest for Component {
            fn substitute(
                text: ::std::string::String,
            ) -> ::core::option::Option<$crate::wit::Substituted> {
                $crate::substitute(&text)
            }
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::export_rules!(Component);
    };
}
