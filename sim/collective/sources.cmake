set(SIM_COLLECTIVE_SOURCES collective/collective.cpp collective/names.cpp)
