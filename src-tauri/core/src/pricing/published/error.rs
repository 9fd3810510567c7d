//! Why the published lists could not be had.

use crate::http::HttpError;

/// Why the published lists could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishedError {
    /// A document did not come over the network.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A variable that should name a mirror does not.
    #[error("{variable} does not name a mirror: {cause}. Set it to one, or unset it to ask the publishers")]
    NotAMirror {
        /// Which variable.
        variable: &'static str,
        /// What is wrong with it.
        cause: HttpError,
    },
    /// A file could not be read.
    #[error("{from} cannot be read ({reason}); put the price lists there as a mirror has them")]
    NotRead {
        /// The file.
        from: String,
        /// What the system says.
        reason: String,
    },
    /// A file is larger than a price list can be.
    #[error("{from} has more than the {limit} bytes that it may have; put the price list there as it is published")]
    TooLarge {
        /// The file.
        from: String,
        /// The most bytes that it may have.
        limit: u64,
    },
    /// Something else came.
    #[error(
        "{from} should be {expected}, but is {found}; sign in to the network if it asks for that, or check the address"
    )]
    NotAPriceList {
        /// The address or file.
        from: String,
        /// What should have come.
        expected: &'static str,
        /// What came instead.
        found: String,
    },
    /// What the manifest gives for a hash is none, and could lead anywhere.
    #[error("{from} names no list by its SHA-256 but {found:?}; nothing was fetched, try again later")]
    NotAHash {
        /// The manifest's address or file.
        from: String,
        /// The beginning of what it has.
        found: String,
    },
    /// The list is not the one that the manifest names.
    #[error("{from} was changed on its way: it should have the SHA-256 {named} and has {found}; try again later")]
    WrongHash {
        /// The list's address or file.
        from: String,
        /// The hash in the manifest.
        named: String,
        /// The hash that it has.
        found: String,
    },
    /// The list has a format that is not known here.
    #[error("{from} has format {found}, and only format 1 is understood; a newer Spendmeter may know it")]
    WrongSchema {
        /// The list's address or file.
        from: String,
        /// The format that it says it has.
        found: u64,
    },
}
