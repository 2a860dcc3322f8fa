"""Names of query parameters that say how a reader came to a page, never which page it is."""

from __future__ import annotations

_PREFIXES = (
    "utm_",  # Urchin, Google Analytics, Yandex Metrica
    "mtm_",
    "matomo_",
    "piwik_",
    "pk_",  # Matomo and its former name
    "ga_",
    "fb_",
    "hsa_",  # Google Analytics, Facebook, HubSpot ads
    "oft_",
    "oly_",
    "vero_",
    "_branch_",
    "aspsessionid",  # sessions of an old server, each under a name of its own
    "itm_",  # campaign and newsletter platforms
)
"""Families of names: every member of one is tracking."""

# fmt: off
_NAMES = frozenset({
    # required by the archive's own rules: these were seen on addresses of outlets
    "from", "yclid", "ysclid", "fbclid", "gclid", "_openstat", "utm",
    # Yandex
    "ymclid", "syclid", "yadclid", "yadordid",
    # Google
    "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid", "srsltid", "_ga", "_gl", "gs_l",
    # other advertising and social networks
    "msclkid", "twclid", "ttclid", "igshid", "igsh", "epik", "sccid", "rb_clickid", "irclickid", "vmcid",
    "unicorn_click_id", "clickid", "s_kwcid", "ef_id", "dm_i", "wickedid", "__twitter_impression",
    "tw_source", "tw_campaign", "tw_term", "tw_content", "tw_adid",
    "action_object_map", "action_ref_map", "action_type_map",
    # mailings and marketing suites
    "mc_cid", "mc_eid", "mc_tc", "mkt_tok", "__s", "__hsfp", "__hssc", "__hstc", "_hsenc", "_hsmi", "hsctatracking",
    "_kx", "_bhlid", "_bta_c", "_bta_tid", "ml_subscriber", "ml_subscriber_hash", "ss_email_id", "et_rid",
    "sfmc_id", "sfmc_activityid", "vgo_ee", "redirect_mongo_id", "redirect_log_mongo_id", "sb_referer_host",
    "trk_contact", "trk_module", "trk_msg", "trk_sid", "sms_click", "sms_source", "sms_uph",
    "cmpid", "s_cid", "os_ehash", "tracking_source", "guce_referrer", "guce_referrer_sig",
    # sessions: the same page for another visitor
    "phpsessid", "jsessionid", "cfid", "cftoken",
})
# fmt: on
"""Single names, lower case. A name is here when two published lists agree, or when it names one visitor's click.

`ref`, `source`, `id`, `si`, `spm`, `mc` and their like are left alone although some lists strip them: somewhere
they say which page is meant, and a parameter too many costs a second fetch while one too few loses an article.
"""


def is_tracking(name: str) -> bool:
    """Tell whether a query parameter of this name, in any case, says nothing of the page itself."""
    folded = name.lower()
    return folded in _NAMES or folded.startswith(_PREFIXES)
