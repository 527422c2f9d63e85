"""Given names in Latin letters: what tells "Jane Doe" from "New York" where no word announces a person.

Names that are rather places, words or surnames (Austin, Charlotte, Hope, Jackson) are left out: a line that says
nothing else is not taken for a person then.
"""

from __future__ import annotations

from crawler.values.surnames import like_person

_NAMES = (
    "Aaron Abby Abdul Abigail Adam Ada Adele Adrian Adriana Agnes Ahmed Aidan Aimee Alan Albert Alec Alejandro "
    "Alena Alessandro Alex Alexander Alexandra Alexis Alfred Alice Alicia Alina Alison Allan Allen Allison Alyssa "
    "Amanda Amelia Amir Amit Amy Ana Anand Andrea Andreas Andrew Andy Angela Angus Anita Anjali Ann Anna Anne "
    "Annie Anthony Anton Antonio Anya Arjun Arlene Arnold Arthur Arun Ashley Audrey Barbara Barry Beatrice Becky "
    "Ben Benjamin Bernard Beth Bethany Betty Beverly Bill Billy Bob Bonnie Brad Bradley Brandon Brenda Brendan "
    "Brent Brett Brian Bridget Bruce Bryan Caitlin Callum Cameron Carl Carla Carlos Carmen Carol Caroline Carolyn "
    "Carrie Casey Catherine Cathy Cecilia Celia Charles Charlie Cheryl Chloe Chris Christina Christine "
    "Christopher Cindy Claire Clara Clare Claudia Colin Colleen Connor Constance Corinne Craig Cristina Crystal "
    "Cynthia Damian Damien Dan Dana Daniel Daniela Danielle Danny Darren Dave David Dawn Deborah Debbie Deepak "
    "Denise Dennis Derek Diana Diane Diego Dmitry Dominic Don Donald Donna Doris Dorothy Doug Douglas Duncan "
    "Dylan Ed Eddie Edgar Edith Edmund Eduardo Edward Edwin Eileen Elaine Eleanor Elena Eli Elisa Elise Elizabeth "
    "Ella Ellen Ellie Elliot Elliott Emily Emma Enrique Eric Erica Erik Erika Erin Ernest Ethan Eugene Eva Evan "
    "Eve Evelyn Ewan Felicity Felix Fernando Fiona Frances Francesca Francis Francisco Francois Frank Franz Fred "
    "Frederick Gabriel Gabriela Gail Gareth Gary Gavin Gemma Genevieve Geoff Geoffrey George Gerald Gerard "
    "Gillian Gina Giovanni Glen Glenn Gloria Gordon Grace Graham Greg Gregory Guillermo Gustavo Hannah Hans "
    "Harold Harriet Harry Hassan Hazel Heather Hector Heidi Helen Helena Henri Henry Herbert Howard Hugh Hugo "
    "Iain Ian Ibrahim Ignacio Igor Imran Ines Ingrid Irene Isaac Isabel Isabella Isabelle Ivan Jack Jackie Jacob "
    "Jacqueline Jaime Jake James Jamie Jan Jane Janet Janice Jared Jason Javier Jay Jean Jeanne Jeff Jeffrey "
    "Jemima Jen Jenna Jennifer Jenny Jeremy Jerome Jerry Jess Jesse Jessica Jill Jim Jimmy Jo Joan Joanna Joanne "
    "Jodie Joe Joel Johan Johannes John Johnny Jon Jonas Jonathan Jorge Jose José Joseph Josephine Josh Joshua "
    "Joyce Juan Judith Judy Julia Julian Juliana Julie Juliet Justin Karen Karim Karin Karl Kate Katharine "
    "Katherine Kathleen Kathryn Kathy Katie Katy Katya Kayla Keith Kelly Ken Kenneth Kerry Kevin Khalid Kim "
    "Kimberly Kirsten Kristen Kristin Kristina Kurt Kyle Lana Lara Larry Lars Laura Lauren Laurence Laurie "
    "Lawrence Leah Lena Leo Leon Leonard Leslie Lewis Liam Lidia Linda Lindsay Lindsey Lisa Liz Lloyd Lois "
    "Lorenzo Lorraine Louis Louise Luca Lucas Lucia Lucy Luis Lukas Luke Lydia Lynn Maggie Malcolm Manuel Marc "
    "Marcel Marco Marcus Margaret Maria Marie Marilyn Mario Marion Marisa Marjorie Mark Marta Martha Martin Mary "
    "Mateo Mathew Matt Matteo Matthew Maureen Maurice Max Maya Megan Meghan Melanie Melissa Mia Michael Michaela "
    "Michelle Miguel Mike Mikhail Mitchell Mohamed Mohammed Molly Mona Monica Monique Muhammad Nadia Nancy Naomi "
    "Natalia Natalie Natasha Nathan Nathaniel Neal Ned Neil Nicholas Nick Nicola Nicolas Nicole Nigel Niamh Nina "
    "Noah Noel Nora Norman Oliver Olivia Omar Oscar Owen Pablo Paige Pamela Patricia Patrick Paul Paula Pauline "
    "Pedro Peggy Penelope Penny Peter Petra Phil Philip Philippa Phillip Phoebe Phyllis Pierre Polly Priya "
    "Rachael Rachel Rafael Rahul Raj Rajesh Ralph Ramon Randy Raphael Raul Ravi Ray Raymond Rebecca Regina Rene "
    "René Renee Ricardo Richard Rick Rita Rob Robert Roberta Roberto Robin Rodrigo Roger Roland Ron Ronald Rory "
    "Rosa Rosalind Rosemary Ross Roy Russell Ruth Ryan Sabrina Sally Sam Samantha Samir Samuel Sandra Sanjay Sara "
    "Sarah Saul Scott Sean Sebastian Serena Sergei Sergio Shannon Sharon Shaun Shawn Sheila Shirley Simon Simone "
    "Sofia Sonia Sophia Sophie Spencer Stacey Stacy Stefan Stefanie Stella Stephanie Stephen Steve Steven Stuart "
    "Sue Sunil Suresh Susan Susanna Suzanne Sylvia Tamara Tania Tanya Tara Ted Teresa Terence Terry Tess Theo "
    "Theodore Theresa Thomas Tiffany Tim Timothy Tina Toby Todd Tom Tommy Toni Tony Tracey Tracy Trevor Tristan "
    "Valentina Valeria Valerie Vanessa Veronica Vicky Vijay Vikram Vincent Vivian Vladimir Walter Wanda Warren "
    "Wendy Wilhelm William Willie Xavier Yasmin Yolanda Yusuf Yvette Yvonne Zachary Zoe Zoë"
)
_GIVEN = frozenset(_NAMES.split())


def has_given_name(name: str) -> bool:
    """Whether *name* is formed as that of a person and begins with a given name, also in capitals ("JANE DOE")."""
    first, _, rest = name.partition(" ")
    if not rest:
        return False
    known = first in _GIVEN or (first.isupper() and first.title() in _GIVEN)
    return known and like_person(name.title() if name.isupper() else name)
