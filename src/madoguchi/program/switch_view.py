"""What Asterisk's configuration is made of, as far as the installation's settings go."""

from madoguchi.config.installation import Installation
from madoguchi.program.asterisk import Asterisk
from madoguchi.switch.asterisk.view import SwitchView


def of(installation: Installation, asterisk: Asterisk) -> SwitchView:
    """The switch without lines and phones: control adds those out of the database when it takes over."""
    return SwitchView(
        node=installation.node,
        ari_user=installation.ari_user,
        ari_password=installation.secrets.ari_password,
        share=asterisk.data,
        modules=asterisk.modules,
        work=installation.asterisk_run,
        recordings=installation.recordings,
        http_port=installation.asterisk_http_port,
        sip_bind=installation.sip_bind,
        sip_port=installation.sip_port,
        rtp_start=installation.rtp_start,
        rtp_end=installation.rtp_end,
        public_address=installation.external_address,
    )
