"""The demo community: an invented place, its people and half a year of what they told and did.

Everything here is made up. Each item is a mapping made by one of the four functions of `telling`;
`src/linbao/shell/demo.py` carries them through the real actions.
"""
