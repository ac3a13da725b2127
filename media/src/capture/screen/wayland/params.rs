//! What we say to PipeWire about the pictures that we read: four bytes a pixel, in memory that both sides see.

use std::io::Cursor;

use pipewire::spa::buffer::DataType;
use pipewire::spa::param::ParamType;
use pipewire::spa::param::format::{FormatProperties, MediaSubtype, MediaType};
use pipewire::spa::param::video::VideoFormat;
use pipewire::spa::pod::serialize::PodSerializer;
use pipewire::spa::pod::{ChoiceValue, Object, Pod, Property, Value, object, property};
use pipewire::spa::sys;
use pipewire::spa::utils::{Choice, ChoiceEnum, ChoiceFlags, Fraction, Id, Rectangle, SpaTypes};

use super::shot::MAX_SIDE;
use crate::capture::screen::MAX_SCREEN;

/// Objects in the form in which PipeWire takes them.
pub(super) struct Params(Vec<Vec<u8>>);

impl Params {
    /// The pictures that we read. The first is wanted: no more of them than can be sent. Some desktops cannot limit that.
    pub(super) fn formats(fps: u32) -> Self {
        let mut limited = format();
        let most = Fraction { num: fps, denom: 1 };
        limited.properties.push(property!(
            FormatProperties::VideoMaxFramerate,
            Choice,
            Range,
            Fraction,
            most,
            Fraction { num: 1, denom: 1 },
            most
        ));
        Self::of([limited, format()])
    }

    /// How the pictures are handed over: in memory that can be read as it is, with what says which part of it is meant.
    pub(super) fn buffers() -> Self {
        let memory = 1 << DataType::MemPtr.as_raw() | 1 << DataType::MemFd.as_raw();
        let memory = ChoiceEnum::Flags { default: memory, flags: Vec::new() };
        let memory = Value::Choice(ChoiceValue::Int(Choice(ChoiceFlags::empty(), memory)));
        let buffers = Object {
            type_: SpaTypes::ObjectParamBuffers.as_raw(),
            id: ParamType::Buffers.as_raw(),
            properties: vec![Property::new(sys::SPA_PARAM_BUFFERS_dataType, memory)],
        };
        let part = meta(sys::SPA_META_VideoCrop, size_of::<sys::spa_meta_region>());
        let header = meta(sys::SPA_META_Header, size_of::<sys::spa_meta_header>());
        Self::of([buffers, part, header])
    }

    pub(super) fn pods(&self) -> Vec<&Pod> {
        self.0.iter().filter_map(|bytes| Pod::from_bytes(bytes)).collect()
    }

    fn of<const N: usize>(objects: [Object; N]) -> Self {
        let bytes = |object| {
            let written = PodSerializer::serialize(Cursor::new(Vec::new()), &Value::Object(object));
            written.ok().map(|(cursor, _)| cursor.into_inner())
        };
        Self(objects.into_iter().filter_map(bytes).collect())
    }
}

fn format() -> Object {
    object!(
        SpaTypes::ObjectParamFormat,
        ParamType::EnumFormat,
        property!(FormatProperties::MediaType, Id, MediaType::Video),
        property!(FormatProperties::MediaSubtype, Id, MediaSubtype::Raw),
        property!(
            FormatProperties::VideoFormat,
            Choice,
            Enum,
            Id,
            VideoFormat::BGRx,
            VideoFormat::BGRx,
            VideoFormat::BGRA,
            VideoFormat::RGBx,
            VideoFormat::RGBA
        ),
        property!(
            FormatProperties::VideoSize,
            Choice,
            Range,
            Rectangle,
            Rectangle { width: MAX_SCREEN.0, height: MAX_SCREEN.1 },
            Rectangle { width: 2, height: 2 },
            Rectangle { width: MAX_SIDE, height: MAX_SIDE }
        ),
        // Whenever something changes.
        property!(
            FormatProperties::VideoFramerate,
            Choice,
            Range,
            Fraction,
            Fraction { num: 0, denom: 1 },
            Fraction { num: 0, denom: 1 },
            Fraction { num: 1000, denom: 1 }
        ),
    )
}

fn meta(kind: u32, size: usize) -> Object {
    Object {
        type_: SpaTypes::ObjectParamMeta.as_raw(),
        id: ParamType::Meta.as_raw(),
        properties: vec![
            Property::new(sys::SPA_PARAM_META_type, Value::Id(Id(kind))),
            Property::new(sys::SPA_PARAM_META_size, Value::Int(size as i32)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_to_be_said_can_be_written() {
        assert_eq!(Params::formats(5).pods().len(), 2);
        assert_eq!(Params::buffers().pods().len(), 3);
    }
}
