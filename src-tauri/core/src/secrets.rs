//! Secrets: the keys of providers.

/// A key of a provider. Nothing prints it.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "whatever prints a key is a mistake")]
pub struct Secret(String);

impl Secret {
    /// A key as a person entered it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key, to be sent to its provider.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
