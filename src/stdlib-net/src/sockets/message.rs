//! Messages with ancillary data: `recvmsg` and `sendmsg`.

use super::address::{self, Address};
use base::memory::zeros;
use objects::{BufList, Cast, GcVec, R, Tuple, Value, new_bytes, new_int, new_tuple, overflow_error, type_error, value_error};

fn blank() -> libc::msghdr {
    // SAFETY: a struct of numbers and pointers; all zero is valid.
    unsafe { std::mem::zeroed() }
}

/// The bytes as the system takes them, for as long as the list lives.
pub fn parts(list: &BufList) -> Vec<libc::iovec> {
    list.iter().map(|buf| libc::iovec { iov_base: buf.as_ptr() as *mut libc::c_void, iov_len: buf.len() }).collect()
}

/// Receives into `vector`: (bytes, [ancillary data, flags, address]).
pub fn receive(
    vector: &[libc::iovec],
    ancillary_size: isize,
    flags: i32,
    mut call: impl FnMut(*mut libc::msghdr, i32) -> R<isize>,
) -> R<(usize, GcVec)> {
    if !(0..=i32::MAX as isize).contains(&ancillary_size) {
        return Err(value_error!("invalid ancillary data buffer length"));
    }
    let mut control: Vec<u64> = zeros((ancillary_size as usize).div_ceil(8));
    let mut address = Address::empty();
    let mut message = blank();
    message.msg_name = address.as_mut_ptr().cast();
    message.msg_namelen = address.length;
    message.msg_iov = vector.as_ptr() as *mut libc::iovec;
    message.msg_iovlen = vector.len();
    if ancillary_size > 0 {
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = ancillary_size as usize;
    }
    let count = call(&mut message, flags | libc::MSG_CMSG_CLOEXEC)?;
    let mut ancillary = GcVec::new();
    // SAFETY: the headers lie in the control buffer as the call left it; lengths are clipped to it.
    unsafe {
        let end = control.as_ptr() as usize + message.msg_controllen;
        let mut header = libc::CMSG_FIRSTHDR(&message);
        while !header.is_null() {
            let data = libc::CMSG_DATA(header);
            let claimed = ((*header).cmsg_len).saturating_sub(libc::CMSG_LEN(0) as usize);
            let length = claimed.min(end.saturating_sub(data as usize));
            let bytes = new_bytes(std::slice::from_raw_parts(data, length));
            ancillary
                .push(new_tuple(&[new_int((*header).cmsg_level as i64), new_int((*header).cmsg_type as i64), bytes]).value());
            header = libc::CMSG_NXTHDR(&message, header);
        }
    }
    address.length = message.msg_namelen;
    let rest = GcVec::from_slice(&[
        objects::new_list(&ancillary).value(),
        new_int((message.msg_flags & !libc::MSG_CMSG_CLOEXEC) as i64),
        address::format(&address)?,
    ]);
    Ok((count as usize, rest))
}

/// Sends the buffers with ancillary items (level, type, data).
pub fn send(
    buffers: Value,
    ancillary: Option<Value>,
    address: Option<&Address>,
    mut call: impl FnMut(*mut libc::msghdr) -> R<isize>,
) -> R<usize> {
    let mut pinned = BufList::new();
    for buffer in objects::to_vec(buffers)?.iter() {
        pinned.push(*buffer)?;
    }
    let vector = parts(&pinned);
    let mut kinds = Vec::new();
    let mut items = BufList::new();
    if let Some(ancillary) = ancillary {
        for item in objects::to_vec(ancillary)?.iter() {
            let Some(tuple) = item.cast::<Tuple>() else {
                return Err(type_error!("[sendmsg() ancillary data items] must be tuples"));
            };
            let [level, kind, data] = tuple.items() else {
                return Err(type_error!("[sendmsg() ancillary data items] must be a tuple of length 3"));
            };
            kinds.push((objects::index(*level)? as i32, objects::index(*kind)? as i32));
            items.push(*data)?;
        }
    }
    let mut size = 0usize;
    for data in items.iter() {
        let length = u32::try_from(data.as_slice().len()).map_err(|_| overflow_error!("ancillary data item too large"))?;
        // SAFETY: arithmetic only.
        size += unsafe { libc::CMSG_SPACE(length) } as usize;
    }
    let mut control: Vec<u64> = zeros(size.div_ceil(8));
    let mut message = blank();
    if let Some(address) = address {
        message.msg_name = address.as_ptr() as *mut libc::c_void;
        message.msg_namelen = address.length;
    }
    message.msg_iov = vector.as_ptr() as *mut libc::iovec;
    message.msg_iovlen = vector.len();
    if size > 0 {
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size;
        // SAFETY: the control buffer has room for every item, as computed above.
        unsafe {
            let mut header = libc::CMSG_FIRSTHDR(&message);
            for ((level, kind), data) in kinds.iter().zip(items.iter()) {
                if header.is_null() {
                    return Err(objects::runtime_error!("unexpected NULL result from CMSG_NXTHDR"));
                }
                let bytes = data.as_slice();
                (*header).cmsg_level = *level;
                (*header).cmsg_type = *kind;
                (*header).cmsg_len = libc::CMSG_LEN(bytes.len() as u32) as usize;
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), libc::CMSG_DATA(header), bytes.len());
                header = libc::CMSG_NXTHDR(&message, header);
            }
        }
    }
    let count = call(&mut message)?;
    drop(pinned);
    Ok(count as usize)
}
