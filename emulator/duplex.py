"""The server's WebSocket protocol: Uvicorn's, made to hold nothing for who takes nothing.

A client that reads nothing is not read from either, one that is cut off hears why before its
connection goes, and at the end of the server everybody is told so.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from greenroom.emulator.events.connections import BROKEN, GONE, REFUSED

LAST_WORD = 2.0  # seconds a client has to take the last word
BAD_TEXT = 1007
MOST_PIECES = 10_000  # of a message


class DuplexProtocol(WebSocketsSansIOProtocol):
    """One WebSocket of the server."""

    _is_stuck = False
    _is_over = False

    def sever(self, code: int, reason: str) -> None:
        """End a connection that takes nothing any more: whatever waits, it is over."""
        if self.disconnected or self.close_sent or self.transport.is_closing():
            self.transport.abort()
            return
        if code == BROKEN:  # what was written is still sent, and then nothing
            self.close_timer = self.loop.call_later(LAST_WORD, self.transport.abort)
            self.transport.close()
            return
        self.stop_keepalive()
        self.conn.send_close(code, reason)
        self._say_and_go(code, reason)

    def shutdown(self) -> None:
        """Tell the client that the server stops."""
        if self.handshake_complete and not self.close_sent:
            self.sever(GONE, "the server stops")
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        """Take nothing from a client that takes nothing."""
        super().pause_writing()
        self._is_stuck = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Listen again."""
        super().resume_writing()
        self._is_stuck = False
        if not self.read_paused:
            self.transport.resume_reading()

    async def receive(self) -> Any:
        """The next event; a client that takes nothing is still not read from."""
        event = await super().receive()
        if self._is_stuck:
            self.transport.pause_reading()
        return event

    async def send(self, message: Any) -> None:
        """Send a message; a refusal that has been answered is the end of a handshake, too."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True

    def handle_cont(self, event: Any) -> None:
        """Take a piece of a message; one in countless pieces ends the connection."""
        if len(self.frames) < MOST_PIECES:
            super().handle_cont(event)
        elif not self.close_sent:
            self.frames = []
            self.sever(REFUSED, f"a message has at most {MOST_PIECES} pieces")

    def send_receive_event_to_app(self) -> None:
        """Hand a message on; text that is no UTF-8 ends the connection."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                if not self.close_sent:
                    self.sever(BAD_TEXT, "a text is not UTF-8")
                return
        super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """Say what was wrong with a frame; of what follows it nothing is said."""
        if self._is_over:
            return
        self._is_over = True
        sent = self.conn.close_sent
        if sent is None:  # it broke before it was a WebSocket
            self.transport.close()
            return
        self._say_and_go(sent.code, sent.reason)
        self.transport.write_eof()  # nothing can be understood after that, a farewell neither

    def _say_and_go(self, code: int, reason: str) -> None:
        """Write the last word, and leave time to take it: a client may be in the middle of its own.

        What it still sends is read and forgotten, for a connection that is closed with something
        unread breaks, and the last word with it.
        """
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(LAST_WORD, self.transport.abort)
        self.transport.resume_reading()
