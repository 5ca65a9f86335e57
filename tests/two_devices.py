"""Runs a command of the project on two CPU devices: python two_devices.py NAME OPTIONS"""

import sys
from importlib import import_module

import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
sys.argv = sys.argv[1:]
import_module(f"latentshot.bin.{sys.argv[0]}").main()
