use super::*;

/// A keyframe of 128x128 whose cropping wraps 32 bits: OpenH264 takes it and hands out planes that lie megabytes away.
pub(crate) fn cropped_out_of_memory() -> Vec<u8> {
    let units: &[u8] = &[
        0, 0, 0, 1, 0x67, 0x42, 0x00, 0x34, 0xda, 0x08, 0x11, 0xf0, 0x00, 0x20, 0x01, 0x00, 0x00, 0x03, 0x00, 0x01,
        0xff, 0xff, 0xdf, 0xf5, 0xfb, 0x41, 0x11, 0x80, 0, 0, 0, 1, 0x68, 0xce, 0x38, 0x80, 0, 0, 0, 1, 0x65, 0x88,
        0x84, 0x86,
    ];
    // Sixty-four macroblocks of plain grey, as they are.
    let grey = [0x80; 384];
    let mut stream = [units, &[0x80], &grey].concat();
    for _ in 0..63 {
        stream.extend_from_slice(&[0x0d, 0x00]);
        stream.extend_from_slice(&grey);
    }
    stream.push(0x80);
    stream
}

#[test]
fn cropping_outside_the_picture_is_malformed() {
    let stream = cropped_out_of_memory();
    assert_eq!(stream.len(), 24_748);
    for limit in [PictureLimit::CAMERA, PictureLimit::SCREEN, PictureLimit::FILE] {
        assert_eq!(VideoDecoder::within(limit).decode(&stream).err(), Some(DecodeError::Malformed));
    }
}
