//! `Debug` for what must not be shown: the type's name and nothing else.

/// Implements `Debug` as `Name(..)`, so that secrets, names and addresses cannot slip into a log.
macro_rules! redacted_debug {
    ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => {$(
        impl std::fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

pub(crate) use redacted_debug;
