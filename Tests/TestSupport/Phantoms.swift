public import Volumes
