"""Questionnaire, checklist and costs in, a decision out. Pure Python; knows nothing of models or retrieval."""
