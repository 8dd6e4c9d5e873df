//! Positions of content in a file: skips the holes of a sparse file, NUL bytes, blanks and byte order marks.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use crate::decode::detect;

/// Bytes read at a time.
const CHUNK: usize = 1 << 18;

/// Returns the next position that is not in a hole, as far as the file system knows, or the end. Moves the file's
/// cursor.
pub(super) fn data(file: &File, from: u64, size: u64) -> u64 {
    #[cfg(target_os = "linux")]
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(from)) {
        Ok(at) => return at.min(size),
        Err(rustix::io::Errno::NXIO) => return size,
        Err(_) => {}
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, size);
    from
}

/// Returns the position of the first byte of content, or the end. Moves the file's cursor.
pub(super) fn first(file: &File, size: u64) -> io::Result<u64> {
    let mut chunk = Vec::new();
    let mut at = 0;
    loop {
        // It is usually among the first bytes.
        chunk.resize(if at == 0 { 64 } else { CHUNK }, 0);
        let read = match file.read_at(&mut chunk, at) {
            Ok(0) => return Ok(size),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let blank = detect::blank(&chunk[..read]);
        // The end of the chunk may split a byte order mark: stopping before it is harmless.
        if blank < read {
            return Ok(at + blank as u64);
        }
        at = data(file, at + read as u64, size);
    }
}

/// Returns the number of NUL bytes in a file without content, including holes. Moves the file's cursor.
pub(super) fn nuls(file: &File, size: u64) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK];
    let (mut at, mut nuls) = (0, 0);
    while at < size {
        let start = data(file, at, size);
        nuls += start - at;
        let read = match file.read_at(&mut chunk, start) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        nuls += memchr::memchr_iter(0, &chunk[..read]).count() as u64;
        at = start + read as u64;
    }
    Ok(nuls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_passed_whatever_its_length() {
        for (zeros, text, at) in [
            (0, &b"{}"[..], Some(0)),
            (0, b"\xef\xbb\xbf", None),
            (0, b"\n\n \r\n", None),
            (3, b"{}", Some(3)),
            (300_000, b"\n{}", Some(300_001)),
            (64 << 20, b"", None),
            (64 << 20, b"x", Some(64 << 20)),
        ] {
            let file = tempfile::tempfile().expect("a file");
            file.write_all_at(text, zeros).expect("written");
            let size = zeros + text.len() as u64;
            file.set_len(size).expect("extended");
            assert_eq!(
                first(&file, size).expect("read"),
                at.unwrap_or(size),
                "{zeros}"
            );
        }
    }
}
