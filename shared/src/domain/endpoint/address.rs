//! Which addresses an endpoint may have: those of the public internet. Whoever names an endpoint must not reach through us
//! into networks that are not his: this machine, its neighbours, the metadata service that gives out credentials.
//!
//! IPv4 is public unless a row below says otherwise; of IPv6 only what is allocated to the public is (2000::/3), rows
//! excepted. Addresses that carry an IPv4 address are judged by it where they lead there (mapped, NAT64), and refused where
//! nobody has a reason to use them (6to4, Teredo). Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address of the public internet: {0}")]
pub struct NotPublic(&'static str);

impl NotPublic {
    /// What the address is for.
    pub fn what(self) -> &'static str {
        self.0
    }
}

/// Blocks of IPv4 that are not public: first address, bits that count, what it is for.
const V4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by a carrier"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "metadata of Azure"),
    (
        Ipv4Addr::new(169, 254, 0, 0),
        16,
        "link-local, with the metadata of clouds",
    ),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignments"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 31, 196, 0), 24, "a sink of DNS"),
    (Ipv4Addr::new(192, 52, 193, 0), 24, "multicast tunnels"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(192, 175, 48, 0), 24, "a sink of DNS"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarking"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved, with the broadcast address"),
];

/// Blocks of IPv6 that are not public although they lie in 2000::/3.
const V6: &[(Ipv6Addr, u32, &str)] = &[
    // Teredo, benchmarking, ORCHID and more; what is public of it serves protocols, not people.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "protocol assignments"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4"),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48, "a sink of DNS"),
    (Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16, "the former 6bone"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
];

/// Where public IPv6 addresses are allocated.
const UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The prefix under which a NAT64 translates to IPv4 (RFC 6052): networks without IPv4 reach all of it so.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an endpoint may be called at this address.
///
/// # Errors
/// What the address is for, where it is not public.
pub fn public(address: IpAddr) -> Result<(), NotPublic> {
    match address {
        IpAddr::V4(address) => public_v4(address),
        IpAddr::V6(address) => public_v6(address),
    }
}

fn public_v4(address: Ipv4Addr) -> Result<(), NotPublic> {
    let inside = |block: Ipv4Addr, bits: u32| (address.to_bits() ^ block.to_bits()) >> (32 - bits) == 0;
    match V4.iter().find(|(block, bits, _)| inside(*block, *bits)) {
        Some((_, _, what)) => Err(NotPublic(what)),
        None => Ok(()),
    }
}

fn public_v6(address: Ipv6Addr) -> Result<(), NotPublic> {
    let inside = |block: Ipv6Addr, bits: u32| (address.to_bits() ^ block.to_bits()) >> (128 - bits) == 0;
    if let Some(mapped) = address.to_ipv4_mapped() {
        return public_v4(mapped);
    }
    if inside(NAT64.0, NAT64.1) {
        let [.., a, b, c, d] = address.octets();
        return public_v4(Ipv4Addr::new(a, b, c, d));
    }
    if !inside(UNICAST.0, UNICAST.1) {
        return Err(NotPublic("outside the public part of IPv6"));
    }
    match V6.iter().find(|(block, bits, _)| inside(*block, *bits)) {
        Some((_, _, what)) => Err(NotPublic(what)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_the_public_internet_are_let_through() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "52.94.236.248",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "2600:1f18::1",
            "2a00:1450:4001::200e",
            "2c0f:fb50::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ] {
            assert_eq!(public(address.parse().unwrap()), Ok(()), "{address}");
        }
    }

    #[test]
    fn no_address_of_anybodys_own_network_is() {
        for address in [
            // This network and this machine.
            "0.0.0.0",
            "0.255.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "::",
            "::1",
            // Private networks, and those behind a carrier.
            "10.0.0.0",
            "10.255.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.0",
            "192.168.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "fc00::",
            "fd12:3456:789a::1",
            "fdff:ffff::1",
            "fec0::1",
            // Link-local.
            "169.254.0.0",
            "169.254.255.255",
            "fe80::1",
            "febf::1",
            // Metadata: AWS and most others, their containers, AWS over IPv6, Azure, Alibaba, Oracle.
            "169.254.169.254",
            "169.254.170.2",
            "fd00:ec2::254",
            "168.63.129.16",
            "100.100.100.200",
            "192.0.0.192",
            // Protocols, documentation, benchmarking, sinks, tunnels.
            "192.0.0.0",
            "192.0.0.255",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "198.18.0.0",
            "198.19.255.255",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.175.48.1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2620:4f:8000::1",
            "3ffe::1",
            "3fff::1",
            "3fff:fff::1",
            "100::1",
            "5f00::1",
            "4000::1",
            // Multicast, reserved, broadcast.
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "ff02::1",
            "ff0e::1",
            // The same in other clothes: mapped, compatible, translated, NAT64, local NAT64, 6to4, Teredo, ISATAP.
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0.0.0.0",
            "::127.0.0.1",
            "::169.254.169.254",
            "::8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b::10.1.2.3",
            "64:ff9b:1::8.8.8.8",
            "64:ff9b:1::169.254.169.254",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2002:808:808::1",
            "2001:0:7f00:1::",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "fe80::5efe:127.0.0.1",
        ] {
            assert!(public(address.parse().unwrap()).is_err(), "{address}");
        }
    }

    #[test]
    fn each_block_ends_where_its_row_says() {
        for (block, bits, what) in V4 {
            let last = block.to_bits() | u32::MAX.checked_shr(*bits).unwrap_or(0);
            for inside in [block.to_bits(), last] {
                assert_eq!(public(Ipv4Addr::from_bits(inside).into()), Err(NotPublic(what)));
            }
            for outside in [block.to_bits().wrapping_sub(1), last.wrapping_add(1)] {
                assert_ne!(
                    public(Ipv4Addr::from_bits(outside).into()),
                    Err(NotPublic(what)),
                    "{what}"
                );
            }
        }
        for (block, bits, what) in V6 {
            let last = block.to_bits() | (u128::MAX >> bits);
            for inside in [block.to_bits(), last] {
                assert_eq!(public(Ipv6Addr::from_bits(inside).into()), Err(NotPublic(what)));
            }
            for outside in [block.to_bits() - 1, last + 1] {
                assert_ne!(
                    public(Ipv6Addr::from_bits(outside).into()),
                    Err(NotPublic(what)),
                    "{what}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn clothes_make_no_difference(bits: u32) {
            let plain = Ipv4Addr::from_bits(bits);
            let mapped = plain.to_ipv6_mapped();
            let translated = Ipv6Addr::from_bits(NAT64.0.to_bits() | u128::from(bits));
            prop_assert_eq!(public(plain.into()), public(mapped.into()));
            prop_assert_eq!(public(plain.into()), public(translated.into()));
            prop_assert!(public(Ipv6Addr::from_bits(bits.into()).into()).is_err());
        }

        #[test]
        fn what_std_calls_private_is_refused(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let known = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_broadcast() || address.is_documentation() || address.is_multicast()
                || address.is_unspecified();
            prop_assert!(!known || public(address.into()).is_err());
        }
    }
}
