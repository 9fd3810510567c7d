//! A table of names, written down as what each does not share with the one before: a fifth of the size.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names and what each stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrontCoded<Value>(Vec<(Box<str>, Value)>);

impl<Value: Copy> FrontCoded<Value> {
    pub(crate) fn new(entries: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self(entries.into_iter().map(|(name, value)| (name.into_boxed_str(), value)).collect())
    }

    /// Whether each name comes after the one before, so that it can be found.
    pub(crate) fn is_sorted(&self) -> bool {
        self.0.is_sorted_by(|one, next| one.0 < next.0)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The entry of this number.
    pub(crate) fn at(&self, number: usize) -> Option<(&str, Value)> {
        self.0.get(number).map(|(name, value)| (&**name, *value))
    }

    /// What `name` stands for, in a table that is sorted.
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        Some(self.0[at].1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Value)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
    }
}

impl<Value: Serialize> Serialize for FrontCoded<Value> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.0.len()))?;
        let mut before = "";
        for (name, value) in &self.0 {
            let shared = shared(before, name);
            sequence.serialize_element(&(shared, &name[usize::from(shared)..], value))?;
            before = name;
        }
        sequence.end()
    }
}

/// Bytes that both begin with, up to the end of a character.
fn shared(one: &str, other: &str) -> u8 {
    let same = one.bytes().zip(other.bytes()).take(usize::from(u8::MAX)).take_while(|(a, b)| a == b).count();
    let whole = (0..=same).rev().find(|at| one.is_char_boundary(*at) && other.is_char_boundary(*at));
    whole.and_then(|count| u8::try_from(count).ok()).unwrap_or_default()
}

impl<'de, Value: Deserialize<'de>> Deserialize<'de> for FrontCoded<Value> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Names(std::marker::PhantomData))
    }
}

struct Names<Value>(std::marker::PhantomData<Value>);

impl<'de, Value: Deserialize<'de>> Visitor<'de> for Names<Value> {
    type Value = FrontCoded<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of names")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(Box<str>, Value)> =
            Vec::with_capacity(sequence.size_hint().unwrap_or_default().min(65_536));
        let mut name = String::new();
        while let Some((shared, rest, value)) = sequence.next_element::<(u8, &str, Value)>()? {
            let shared = usize::from(shared);
            if !name.is_char_boundary(shared) {
                return Err(A::Error::custom("a name that shares more than there is"));
            }
            name.truncate(shared);
            name.push_str(rest);
            entries.push((name.as_str().into(), value));
        }
        Ok(FrontCoded(entries))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_come_back_as_they_were(names in proptest::collection::btree_map("[a-c/é.-]{0,300}", any::<u16>(), 0..40)) {
            let table = FrontCoded::new(names.clone());
            let bytes = postcard::to_allocvec(&table).unwrap();
            let back: FrontCoded<u16> = postcard::from_bytes(&bytes).unwrap();
            prop_assert_eq!(&back, &table);
            for (name, value) in names {
                prop_assert_eq!(back.get(&name), Some(value));
            }
        }
    }

    #[test]
    fn a_damaged_table_is_refused() {
        let bytes = postcard::to_allocvec(&[(3_u8, "x", 1_u16)][..]).unwrap();
        assert!(postcard::from_bytes::<FrontCoded<u16>>(&bytes).is_err());
        let unsorted = FrontCoded::new([("b".to_owned(), 1_u16), ("a".to_owned(), 2)]);
        assert!(!unsorted.is_sorted());
    }
}
