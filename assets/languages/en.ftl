# What the window says, in English.

start-title = Behind closed doors
start-promise = Talk, see and write to people you choose. No account, no number, nothing in between.
start-name = Your name
start-room-title = Room title
start-room = Start a room
start-paste = Paste an invitation
start-join = Join
start-demo = Just looking? Open the demo room

refused-not-an-invitation = That is not an invitation. One begins with incamera://join#
refused-damaged = The invitation is damaged. Copy all of it again.
refused-newer = The invitation was made by a newer version. Update this one to use it.
refused-unreachable = Nobody answers at the address in the invitation.
refused-outside-network = The invitation leads outside the allowed network.
refused-refused = The invitation is not, or no longer, valid.
refused-full = The room is full.
refused-timed-out = The room did not answer in time.
refused-malformed = The room answered with something that cannot be read.
refused-name = Write a name first, so that the others know who you are.
refused-system = The system refused a thread, a socket or a timer.

lobby-back = Back
lobby-invited = A room you are invited to
lobby-nobody-sees = Nobody sees or hears you yet
lobby-enter = Join the room
lobby-entering = Knocking…

picker-camera = Camera
picker-microphone = Microphone
picker-speaker = Speaker
picker-none = None
picker-no-camera = None
picker-clip = A clip
picker-test-picture = Test picture
picker-test-melody = Test melody

demo-title = Demo
room-untitled = Room

header-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
seal-post-quantum = Sealed, post-quantum
seal-classic = Sealed
seal-waiting = { $count ->
    [one] Waiting for one person's keys
   *[other] Waiting for the keys of { $count } people
}
seal-alone = Nobody else is here yet
layout-grid = Grid
layout-speaker = Speaker

tile-you = You
tile-connecting = Connecting…
tile-keys-behind = Renewing keys…
tile-keys-missing = Waiting for keys…
tile-muted = muted
tile-camera-off = camera off
tile-speaking = speaking

bar-microphone = Turn the microphone on
bar-microphone-mute = Mute the microphone
bar-camera = Turn the camera on
bar-camera-off = Turn the camera off
bar-chat = Open the chat
bar-chat-close = Close the chat
bar-invite = Invite
bar-layout = Grid or speaker
bar-leave = Leave
switch-theme = Dark or light

chat-title = Chat
chat-nothing = What is written here is sealed like everything else, and gone when the room is.
chat-placeholder = Message to everyone
chat-send = Send

invite-title = Invite to { $room }
invite-how = Show this code, or send the link over something you trust. Whoever has it can join.
invite-copy = Copy the link
invite-copied = Copied
invite-making = Making an invitation…
invite-done = Done

ended-removed = You were removed
ended-removed-why = Someone in the room removed you. From that moment on you could hear and see nothing, and nobody heard or saw you.
ended-failed = The room is over
ended-failed-why = The connection could not go on.
ended-back = Back to the start

notice-left = { $name } left
notice-removed = { $name } was removed
notice-lost = The connection to { $name } is lost
notice-clipboard = The clipboard cannot be used
notice-no-guests = The demo's guests could not come

trouble-camera-unusable = The camera cannot be used
trouble-camera-lost = The camera has vanished
trouble-microphone-unusable = The microphone cannot be used
trouble-microphone-lost = The microphone has vanished
trouble-speaker-unusable = The speaker cannot be used
trouble-speaker-lost = The speaker has vanished
trouble-camera-clip = The clip cannot be read
trouble-microphone-clip = The sound clip cannot be read
trouble-recording = Recording has stopped: the disk refused a write
trouble-message-too-long = The message is too long
trouble-no-such-member = Nobody of that name is in the room
trouble-busy = Too much at once: the last wish was dropped

figures-redraws = Redraws
figures-epoch = Epoch
figures-processor = Processor
figures-who = Who
figures-path = Path
figures-keys = Keys
figures-picture = Picture
figures-picture-late = Picture late
figures-sound-late = Sound late
figures-concealed = Concealed
figures-received = Received
