"""HTTP to addresses that a person configured: never to this machine's own network unless that was allowed.

The name is resolved here and the connection goes to that very address, so that a second answer of the name server
changes nothing; redirects are not followed.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from assistant.errors import Unavailable

TIMEOUT_S = 5.0
_CARRIER = ipaddress.ip_network("100.64.0.0/10")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class GuardedClient:
    """Posts JSON. ``private`` lets it reach private, loopback and link-local addresses."""

    def __init__(self, *, private: bool = False) -> None:
        self._private = private
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Post and give the answer, whatever its status. Raises Unavailable when none comes or none may be asked."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise Unavailable("not an address that may be called")
        address = await self._resolve(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        host = f"[{address}]" if ":" in address else address
        target = parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()
        try:
            return await self._client.post(
                target, content=body, extensions={"sni_hostname": parts.hostname},
                headers={"content-type": "application/json", **headers, "host": parts.netloc})
        except httpx.HTTPError as error:
            raise Unavailable(type(error).__name__) from error

    async def _resolve(self, host: str, port: int) -> str:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unavailable("the name is not known") from error
        addresses = [str(one[4][0]) for one in found]
        if not addresses or not (self._private or all(is_public(address) for address in addresses)):
            raise Unavailable("the address is private")
        return addresses[0]


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the open internet, also when it hides in another notation."""
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.ipv4_mapped or ip.sixtofour
        ip = inner or ip
    return ip.is_global and not ip.is_multicast and not (ip.version == 4 and ip in _CARRIER)
