"""Short names of emoji, as Slack and others write them, and the characters that they mean."""

from __future__ import annotations

import re
import unicodedata

_NAMES = """
+1 👍|-1 👎|100 💯|angry 😠|astonished 😲|balloon 🎈|bangbang ‼️|beer 🍺|beers 🍻|birthday 🎂|black_heart 🖤|blue_heart 💙
|blush 😊|boom 💥|bow 🙇|broken_heart 💔|bug 🐛|bulb 💡|calendar 📅|champagne 🍾|clap 👏|coffee ☕|cold_sweat 😰|confetti_ball 🎊
|confounded 😖|confused 😕|construction 🚧|cool 🆒|crossed_fingers 🤞|cry 😢|crying_cat_face 😿|dancer 💃|dart 🎯|disappointed 😞
|disappointed_relieved 😥|dizzy_face 😵|dog 🐶|exclamation ❗|exploding_head 🤯|expressionless 😑|eyes 👀|face_palm 🤦|face_with_monocle 🧐
|face_with_rolling_eyes 🙄|facepalm 🤦|fearful 😨|fire 🔥|fireworks 🎆|fist 👊|flushed 😳|frowning ☹️|gear ⚙️|gift 🎁|green_heart 💚
|grey_question ❔|grimacing 😬|grin 😁|grinning 😀|hand ✋|handshake 🤝|hankey 💩|happy 😀|hear_no_evil 🙉|heart ❤️|heart_eyes 😍
|heavy_check_mark ✔️|heavy_multiplication_x ✖️|heavy_plus_sign ➕|hourglass ⌛|hugging_face 🤗|hugs 🤗|hushed 😯|information_source ℹ️|innocent 😇
|joy 😂|joy_cat 😹|key 🔑|kissing_heart 😘|laughing 😆|lock 🔒|loudspeaker 📢|man-shrugging 🤷‍♂️|mask 😷|mega 📣|memo 📝|metal 🤘
|monkey_face 🐵|muscle 💪|nerd_face 🤓|neutral_face 😐|no_entry ⛔|no_entry_sign 🚫|no_good 🙅|no_mouth 😶|octopus 🐙|ok 🆗|ok_hand 👌|open_mouth 😮
|orange_heart 🧡|package 📦|palms_up_together 🤲|partying_face 🥳|party 🎉|pencil 📝|pencil2 ✏️|pensive 😔|point_down 👇|point_left 👈|point_right 👉
|point_up ☝️|point_up_2 👆|poop 💩|pray 🙏|punch 👊|purple_heart 💜|pushpin 📌|question ❓|rage 😡|rainbow 🌈|raised_hands 🙌|raising_hand 🙋
|relaxed ☺️|relieved 😌|robot_face 🤖|rocket 🚀|rofl 🤣|rolling_on_the_floor_laughing 🤣|rotating_light 🚨|running 🏃|satisfied 😆|scream 😱|scream_cat 🙀
|see_no_evil 🙈|shrug 🤷|simple_smile 🙂|skull 💀|sleeping 😴|sleepy 😪|slightly_frowning_face 🙁|slightly_smiling_face 🙂|smile 😄|smile_cat 😸|smiley 😃
|smiley_cat 😺|smiling_face_with_3_hearts 🥰|smirk 😏|sob 😭|sparkles ✨|sparkling_heart 💖|speak_no_evil 🙊|speech_balloon 💬|star ⭐|star-struck 🤩
|star2 🌟|stuck_out_tongue 😛|stuck_out_tongue_closed_eyes 😝|stuck_out_tongue_winking_eye 😜|sunglasses 😎|sunny ☀️|sweat 😓|sweat_smile 😅|sun_with_face 🌞
|tada 🎉|the_horns 🤘|thinking 🤔|thinking_face 🤔|thumbsup 👍|thumbsdown 👎|thumbsup_all 👍|tired_face 😫|triumph 😤|trophy 🏆|truck 🚚|turtle 🐢|unamused 😒
|upside_down_face 🙃|v ✌️|warning ⚠️|wastebasket 🗑️|wave 👋|weary 😩|whale 🐳|white_check_mark ✅|white_frowning_face ☹️|wink 😉|woman-shrugging 🤷‍♀️|worried 😟
|wrench 🔧|writing_hand ✍️|x ❌|yellow_heart 💛|yum 😋|zap ⚡|zipper_mouth_face 🤐|zzz 💤
"""
_BY_NAME = {pair.split()[0]: pair.split()[1] for pair in _NAMES.split("|")}
_SHORT_NAME = re.compile(r":([a-z0-9_+'\-]{1,60})(?:::skin-tone-[2-6])?:", re.IGNORECASE)


def emoji(name: str) -> str:
    """The character of a short name, or "" where none is known (a company's own emoji)."""
    name = name.lower().partition("::")[0]
    if name in _BY_NAME:
        return _BY_NAME[name]
    if re.fullmatch(r"flag-[a-z]{2}", name):
        return "".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in name[-2:])
    try:
        char = unicodedata.lookup(name.replace("_", " ").replace("-", " ").upper())
    except KeyError:
        return ""
    return char if unicodedata.category(char) == "So" else ""  # many are named as in Unicode


def replace_short_names(text: str) -> str:
    """`text` with the short names that are known made characters."""
    return _SHORT_NAME.sub(lambda match: emoji(match[1]) or match[0], text)
