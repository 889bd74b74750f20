//! JSON objects, and nothing else: serde also reads a struct from an array of its fields, which no document describes.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// What is read from a JSON object.
#[derive(Clone, Debug, Default)]
pub struct Object<T>(pub T);

impl<T: Default + PartialEq> Object<T> {
    /// Whether it says nothing: then it need not be written.
    pub(super) fn is_default(&self) -> bool {
        self.0 == T::default()
    }
}

struct AnObject<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AnObject<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(AnObject(PhantomData))
    }
}

impl<T: Serialize> Serialize for Object<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Words {
        text: String,
    }

    #[test]
    fn an_array_of_fields_is_no_object() {
        let read = serde_json::from_str::<Object<Words>>(r#"{"text":"a"}"#).unwrap().0;
        assert_eq!(read.text, "a");
        assert!(serde_json::from_str::<Words>(r#"["a"]"#).is_ok(), "serde's own reading");
        for wrong in [r#"["a"]"#, "null", r#""a""#, "[]"] {
            let error = serde_json::from_str::<Object<Words>>(wrong).unwrap_err();
            assert!(error.to_string().contains("expected an object"), "{error}");
        }
    }
}
