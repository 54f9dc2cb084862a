from sysconfig import get_config_var
