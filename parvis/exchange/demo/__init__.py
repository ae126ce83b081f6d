"""The demonstration network "Ateliers Vauban": people and conversations told as data, ending when they are loaded."""
