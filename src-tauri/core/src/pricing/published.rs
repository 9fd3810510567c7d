//! The two price lists as their publishers have them now: fetched and verified, not yet understood.
//!
//! They come from [`PriceSources`] over the network, or from a folder for machines without one. model-prices is named by
//! its hash in a manifest, and is refused when it has another; of genai-prices the publisher names no hash. What they say
//! about prices is nothing to this file, and nothing is kept here.

mod error;
mod form;

use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::http::{Address, Http, HttpError, Proxy, Timeouts};
use crate::places::Places;

pub use self::error::PublishedError;

const LIST_LIMIT: u64 = 5_000_000;
const MANIFEST_LIMIT: u64 = 64_000;

/// Where both lists are below a mirror's address or a folder.
const GENAI_PRICES: &str = "genai-prices/v2/data.json";
const MODEL_PRICES_MANIFEST: &str = "model-prices/v1/latest.json";

/// The variable by which a person names a mirror for everything that asks for the lists.
const MIRROR: &str = "SPENDMETER_PRICES_FROM";

/// Where the lists are fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSources {
    genai_prices: Cow<'static, str>,
    model_prices_manifest: Cow<'static, str>,
}

impl Default for PriceSources {
    fn default() -> Self {
        Self::PUBLISHED
    }
}

impl PriceSources {
    /// The publishers' own addresses. Of genai-prices it has to be the second version of the list: the first is still
    /// served but is not kept any more, and its prices are wrong.
    pub const PUBLISHED: Self = Self {
        genai_prices: Cow::Borrowed(
            "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json",
        ),
        model_prices_manifest: Cow::Borrowed(
            "https://raw.githubusercontent.com/wakamex/model-prices/data/v1/latest.json",
        ),
    };

    /// Where this user wants them from: the mirror that `SPENDMETER_PRICES_FROM` names, or else their publishers.
    ///
    /// # Errors
    /// [`PublishedError::NotAMirror`] if the variable names what [`Self::below`] refuses: to ask somebody else then would
    /// not be what the user wants.
    pub fn of_user(places: &Places) -> Result<Self, PublishedError> {
        let Some(base) = places.variable(MIRROR) else { return Ok(Self::PUBLISHED) };
        Self::below(&base).map_err(|cause| PublishedError::NotAMirror { variable: MIRROR, cause })
    }

    /// A mirror, which has both lists below `base`: `genai-prices/v2/data.json`, and `model-prices/v1/` with the manifest
    /// `latest.json` and what it names.
    ///
    /// # Errors
    /// [`HttpError`] if `base` may not be asked: it is no https address, names a user or has a query.
    pub fn below(base: &str) -> Result<Self, HttpError> {
        let address = Address::parse(base)?;
        if address.has_query() {
            return Err(HttpError::NotAnAddress { url: address.to_string() });
        }
        let base = address.as_str().trim_end_matches('/');
        Ok(Self {
            genai_prices: format!("{base}/{GENAI_PRICES}").into(),
            model_prices_manifest: format!("{base}/{MODEL_PRICES_MANIFEST}").into(),
        })
    }

    /// The hosts that have to be asked: what an [`Http`] for these sources is made for.
    pub fn hosts(&self) -> impl Iterator<Item = String> {
        let address = |url| Address::parse(url).ok().map(|address: Address| address.host());
        [&self.genai_prices, &self.model_prices_manifest].into_iter().filter_map(move |url| address(url))
    }
}

/// Both lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedLists {
    /// genai-prices: an array of providers with their models.
    pub genai_prices: PublishedList,
    /// model-prices: an object of format 1.
    pub model_prices: PublishedList,
    /// When model-prices was put together, as it says itself. genai-prices says nothing about that.
    pub updated_at: Timestamp,
}

/// One list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedList {
    /// The whole list, JSON.
    pub text: String,
    /// SHA-256 of the text, in 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The address or file that it came from.
    pub from: String,
    /// When it was written to a folder, which is no earlier than when it was published; `None` for one that was fetched:
    /// it is what its publisher, or a mirror of it, has now.
    pub written: Option<Timestamp>,
}

impl PublishedLists {
    /// Fetches both as this user's machine reaches the network: through the proxy that the environment names, if any.
    ///
    /// # Errors
    /// [`PublishedError`] if either does not come or is not what it should be.
    pub fn fetch_for(places: &Places, sources: &PriceSources) -> Result<Self, PublishedError> {
        let proxy = Proxy::from_variables(|name| places.variable(name))?;
        Self::fetch(&Http::to(sources.hosts(), Timeouts::default(), proxy), sources)
    }

    /// Fetches both.
    ///
    /// # Errors
    /// [`PublishedError`] if either does not come or is not what it should be.
    pub fn fetch(http: &Http, sources: &PriceSources) -> Result<Self, PublishedError> {
        Self::gather(&sources.genai_prices, &sources.model_prices_manifest, |url, limit| {
            Ok(Came { bytes: http.get(url, limit)?, from: url.to_owned(), written: None })
        })
    }

    /// Reads both from a folder that has them as a mirror does.
    ///
    /// # Errors
    /// [`PublishedError`] if either cannot be read or is not what it should be.
    pub fn from_folder(folder: &Path) -> Result<Self, PublishedError> {
        Self::gather(GENAI_PRICES, MODEL_PRICES_MANIFEST, |name, limit| {
            let path = folder.join(name);
            let from = path.display().to_string();
            match read(&path, limit) {
                Ok((bytes, _)) if bytes.len() as u64 > limit => Err(PublishedError::TooLarge { from, limit }),
                Ok((bytes, written)) => Ok(Came { bytes, from, written }),
                Err(error) => Err(PublishedError::NotRead { from, reason: error.to_string() }),
            }
        })
    }

    fn gather(
        genai_prices: &str,
        manifest: &str,
        get: impl Fn(&str, u64) -> Result<Came, PublishedError>,
    ) -> Result<Self, PublishedError> {
        let genai_prices = get(genai_prices, LIST_LIMIT)?.into_list(form::GENAI_PRICES)?;
        form::check_genai_prices(&genai_prices)?;

        let named = form::hash_in_manifest(&get(manifest, MANIFEST_LIMIT)?.into_list(form::MANIFEST)?)?;
        let folder = manifest.rsplit_once('/').map_or("", |(folder, _)| folder);
        let model_prices = get(&format!("{folder}/{named}.json"), LIST_LIMIT)?.into_list(form::MODEL_PRICES)?;
        if model_prices.sha256 != named {
            return Err(PublishedError::WrongHash { from: model_prices.from, named, found: model_prices.sha256 });
        }
        let updated_at = form::check_model_prices(&model_prices)?;
        Ok(Self { genai_prices, model_prices, updated_at })
    }
}

/// What came, whatever it is.
struct Came {
    bytes: Vec<u8>,
    from: String,
    written: Option<Timestamp>,
}

impl Came {
    /// Refuses what cannot be JSON, before its hash is compared: a network's sign-in page is to be called that.
    fn into_list(self, expected: &'static str) -> Result<PublishedList, PublishedError> {
        let Self { bytes, from, written } = self;
        let sha256 = format!("{:x}", Sha256::digest(&bytes));
        let found = match String::from_utf8(bytes) {
            Err(_) => "something that is not text",
            Ok(text) if text.trim_start().is_empty() => "nothing",
            Ok(text) if text.trim_start().starts_with('<') => "a web page",
            Ok(text) => return Ok(PublishedList { text, sha256, from, written }),
        };
        Err(PublishedError::NotAPriceList { from, expected, found: found.to_owned() })
    }
}

/// One byte more than the limit, which tells that there is more, and when the file was written, as far as that is known.
fn read(path: &Path, limit: u64) -> std::io::Result<(Vec<u8>, Option<Timestamp>)> {
    // Opening something else, like a pipe, could wait for ever.
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    let written = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    Ok((bytes, written))
}
