namespace Titanic.Web.Training;

/// <summary>Nothing can be learned or measured from these rows with these settings; the message is a sentence for people.</summary>
public sealed class TrainingRefusedException(string sentence) : Exception(sentence);
