"""How the simulated switch carries out each command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from madoguchi.switch.port import (
    Answer,
    Command,
    CommandRefused,
    Dial,
    Dissolve,
    HangUp,
    Join,
    Leave,
    Mute,
    MuteRecording,
    Play,
    PlaybackEnded,
    Record,
    RecordingBegan,
    Release,
    SendKeys,
    ShowRinging,
    Side,
    StartMusic,
    StopMusic,
    StopPlayback,
    StopRecording,
    StopRinging,
    Tag,
)
from madoguchi.switch.simulated.legs import Playing, SimulatedLeg
from madoguchi.switch.simulated.people import PhoneScript
from madoguchi.switch.simulated.tracks import Track

if TYPE_CHECKING:
    from madoguchi.switch.simulated.switch import SimulatedSwitch

_PLACES = frozenset({"emergency"})


class Obeying:
    """The verbs of one simulated switch."""

    def __init__(self, switch: SimulatedSwitch) -> None:
        self._switch = switch
        self._verbs: Mapping[type[Command], Callable[[Any], None]] = {
            ShowRinging: self._show_ringing,
            StopRinging: self._stop_ringing,
            Answer: lambda c: switch.answer(self._ours(c.leg_id)),
            Play: self._play,
            StopPlayback: self._stop_playback,
            StartMusic: self._start_music,
            StopMusic: self._stop_music,
            Dial: self._dial,
            HangUp: self._hang_up,
            Join: self._join,
            Leave: self._leave,
            Dissolve: self._dissolve,
            Mute: self._mute,
            SendKeys: self._send_keys,
            Record: self._record,
            MuteRecording: self._mute_recording,
            StopRecording: self._stop_recording,
            Release: self._release,
            Tag: self._tag,
        }

    def obey(self, command: Command) -> None:
        """Carry out one command. Raises CommandRefused."""
        verb = self._verbs.get(type(command))
        if verb is None:
            raise CommandRefused(f"{type(command).__name__} is no command of this switch", permanent=True)
        verb(command)

    def silence(self, leg: SimulatedLeg) -> None:
        """End a leg's music and playbacks."""
        leg.music = ""
        for playing in list(leg.playing):
            self._end_playback(leg, playing, complete=False)

    def take_out(self, leg: SimulatedLeg) -> None:
        """Take a leg out of its bridge."""
        bridge_id, leg.bridge_id = leg.bridge_id, ""
        if leg.leg_id in self._switch.bridges.get(bridge_id, []):
            self._switch.bridges[bridge_id].remove(leg.leg_id)
            self._switch.company_changed(bridge_id)

    def _ours(self, leg_id: str) -> SimulatedLeg:
        leg = self._switch.legs.get(leg_id)
        if leg is None:
            raise CommandRefused(f"there is no leg {leg_id}", permanent=True, gone=True)
        if not leg.entered:
            raise CommandRefused(f"the leg {leg_id} is not under our command", permanent=leg.phone is None)
        return leg

    def _joinable(self, leg_id: str) -> SimulatedLeg:
        leg = self._switch.legs.get(leg_id)
        return leg if leg is not None and leg.early else self._ours(leg_id)

    def _show_ringing(self, command: ShowRinging) -> None:
        self._ours(command.leg_id).ringing = True

    def _stop_ringing(self, command: StopRinging) -> None:
        self._ours(command.leg_id).ringing = False

    def _play(self, command: Play) -> None:
        if not command.files:
            raise CommandRefused("nothing to play", permanent=True)
        leg = self._ours(command.leg_id)
        leg.music = ""
        leg.playing.append(Playing(command.playback_id, command.files))
        if len(leg.playing) == 1:
            self._begin_playback(leg)

    def _begin_playback(self, leg: SimulatedLeg) -> None:
        playing = leg.playing[0]
        lasts_s = sum(self._switch.duration_s(file) for file in playing.files)
        done = lambda: self._end_playback(leg, playing, complete=True)  # noqa: E731
        playing.timer = self._switch.clock.later(lasts_s, done)

    def _end_playback(self, leg: SimulatedLeg, playing: Playing, *, complete: bool) -> None:
        if playing not in leg.playing:
            return
        leg.playing.remove(playing)
        if playing.timer is not None:
            playing.timer.cancel()
        at, playback_id = self._switch.clock.now(), playing.playback_id
        ended = PlaybackEnded(
            node=self._switch.node, at=at, leg_id=leg.leg_id, playback_id=playback_id, complete=complete
        )
        self._switch.emit(ended)
        if leg.playing and leg.playing[0].timer is None and complete:
            self._begin_playback(leg)

    def _stop_playback(self, command: StopPlayback) -> None:
        for leg in self._switch.legs.values():
            for playing in [p for p in leg.playing if p.playback_id == command.playback_id]:
                self._end_playback(leg, playing, complete=False)
                if leg.playing and leg.playing[0].timer is None:
                    self._begin_playback(leg)

    def _start_music(self, command: StartMusic) -> None:
        leg = self._ours(command.leg_id)
        self.silence(leg)
        leg.music = command.music

    def _stop_music(self, command: StopMusic) -> None:
        leg = self._switch.legs.get(command.leg_id)
        if leg is not None:
            leg.music = ""

    def _dial(self, command: Dial) -> None:
        if command.leg_id in self._switch.legs:
            return  # A repeat while the leg lives.
        script = self._script(command.address)
        at = self._switch.clock.now()
        leg = SimulatedLeg(command.leg_id, at, call_id=command.call_id, early=command.early)
        self._switch.ring(leg, script, command.timeout_s)

    def _script(self, address: str) -> PhoneScript:
        kind, _, rest = address.partition(":")
        if kind == "phone":
            script = self._switch.phones.get(rest)
            if script is None:
                raise CommandRefused(f"no phone is registered at {rest}", permanent=True)
            return script
        name, _, number = rest.partition(":")
        if kind == "trunk" and name and number:
            return self._switch.outside.get(number, PhoneScript())
        raise CommandRefused(f"{address!r} is no address that can be dialled", permanent=True)

    def _hang_up(self, command: HangUp) -> None:
        leg = self._switch.legs.get(command.leg_id)
        if leg is not None:
            self._switch.end(leg, command.cause, by_us=True)

    def _join(self, command: Join) -> None:
        legs = [self._joinable(leg_id) for leg_id in command.leg_ids]
        members = self._switch.bridges.setdefault(command.bridge_id, [])
        for leg in legs:
            self.silence(leg)
            if leg.bridge_id != command.bridge_id:
                self.take_out(leg)
                leg.bridge_id = command.bridge_id
                members.append(leg.leg_id)
        self._switch.company_changed(command.bridge_id)

    def _leave(self, command: Leave) -> None:
        leg = self._switch.legs.get(command.leg_id)
        if leg is not None and leg.bridge_id == command.bridge_id:
            self.take_out(leg)

    def _dissolve(self, command: Dissolve) -> None:
        for leg_id in list(self._switch.bridges.get(command.bridge_id, [])):
            self.take_out(self._switch.legs[leg_id])
        self._switch.bridges.pop(command.bridge_id, None)

    def _mute(self, command: Mute) -> None:
        self._ours(command.leg_id).muted = command.on

    def _send_keys(self, command: SendKeys) -> None:
        self._ours(command.leg_id).keys_got += command.keys

    def _record(self, command: Record) -> None:
        if command.recording_id in self._switch.tracks:
            return
        leg = self._ours(command.leg_id)
        if command.recording_id in self._switch.recorded:
            raise CommandRefused(f"there is a track {command.recording_id} from before", permanent=True)
        at = self._switch.clock.now()
        self._switch.recorded.add(command.recording_id)
        self._switch.tracks[command.recording_id] = Track(command.recording_id, leg.leg_id, at)
        for side in Side:
            began = RecordingBegan(
                node=self._switch.node, at=at, recording_id=command.recording_id, side=side
            )
            self._switch.emit(began)

    def _mute_recording(self, command: MuteRecording) -> None:
        track = self._switch.tracks.get(command.recording_id)
        if track is None:
            raise CommandRefused(f"nothing is recorded as {command.recording_id}", permanent=True)
        track.mutes.append((self._switch.clock.now(), command.on))

    def _stop_recording(self, command: StopRecording) -> None:
        track = self._switch.tracks.get(command.recording_id)
        if track is not None:
            self._switch.end_track(track)

    def _release(self, command: Release) -> None:
        if command.place not in _PLACES:
            raise CommandRefused(f"there is no place {command.place!r}", permanent=True)
        leg = self._ours(command.leg_id)
        if leg.arrival is None:
            raise CommandRefused("a leg that we dialled has no dialplan to go back to", permanent=True)
        self.silence(leg)
        self.take_out(leg)
        self._switch.release(leg, command.place)

    def _tag(self, command: Tag) -> None:
        self._ours(command.leg_id).call_id = command.call_id
