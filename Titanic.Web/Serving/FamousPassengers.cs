namespace Titanic.Web.Serving;

/// <summary>People of the historical list of whom many have heard.</summary>
internal static class FamousPassengers
{
    /// <summary>By the name that they have in the list.</summary>
    public static IReadOnlyList<FamousPassenger> All { get; } =
    [
        new("Brown, Mrs. James Joseph (Margaret Tobin)", "Margaret “Molly” Brown", "a philanthropist from Denver"),
        new("Astor, Col. John Jacob", "John Jacob Astor", "the richest man on board"),
        new("Straus, Mr. Isidor", "Isidor Straus", "an owner of Macy's in New York"),
        new("Straus, Mrs. Isidor (Rosalie Ida Blun)", "Ida Straus", "his wife for forty years"),
        new("Ismay, Mr. Joseph Bruce", "J. Bruce Ismay", "chairman of the White Star Line"),
        new("Andrews, Mr. Thomas Jr", "Thomas Andrews", "the ship's designer"),
        new("Duff Gordon, Sir. Cosmo Edmund ('Mr Morgan')", "Sir Cosmo Duff Gordon", "a baronet and fencer"),
        new("Beesley, Mr. Lawrence", "Lawrence Beesley", "a teacher from London"),
        new("Dean, Miss. Elizabeth Gladys 'Millvina'", "Millvina Dean", "two months old, the youngest on board"),
        new("Goodwin, Master. Sidney Leonard", "Sidney Goodwin", "a toddler with five brothers and sisters"),
    ];
}

/// <param name="Name">As the historical list writes it.</param>
/// <param name="Note">What they are known for, to follow a comma; nothing about their fate.</param>
public sealed record FamousPassenger(string Name, string KnownAs, string Note);
